package idempotency

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// hashLength is the length of a key's hash: 26 characters of base32 hold 130 bits, which makes
// a collision of two keys practically impossible.
const hashLength = 26

var (
	uuidPattern = regexp.MustCompile(
		`^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$`)
	base32Lower = base32.StdEncoding.WithPadding(base32.NoPadding)
)

const nilUUID = "00000000-0000-0000-0000-000000000000"

// Key is a client's idempotency key. It is unique within its scope.
type Key struct {
	Scope string // the merchant
	ID    string // a UUID in lower case
}

// ParseKey parses the value of an Idempotency-Key header: a UUID with or without its
// hyphens, bare or as the quoted string of the IETF draft
// (draft-ietf-httpapi-idempotency-key-header). The nil UUID is refused. Errors are problem.Error with
// code idempotency_key_missing or idempotency_key_invalid, both HTTP 400.
func ParseKey(scope, header string) (Key, error) {
	v := strings.TrimSpace(header)
	if v == "" {
		return Key{}, invalidKey("idempotency_key_missing",
			"the Idempotency-Key header is required: a UUID that identifies this request and its retries")
	}
	if len(v) > 1 && strings.HasPrefix(v, `"`) && strings.HasSuffix(v, `"`) {
		v = v[1 : len(v)-1]
	}
	id, err := ParseID(v)
	if err != nil {
		return Key{}, invalidKey("idempotency_key_invalid", "the Idempotency-Key header "+err.Error())
	}
	return Key{Scope: scope, ID: id}, nil
}

// ParseID parses the ID of a key: a UUID with or without its hyphens, but not the nil UUID.
func ParseID(s string) (string, error) {
	parts := uuidPattern.FindStringSubmatch(strings.ToLower(s))
	if parts == nil {
		return "", errors.New("must be a UUID")
	}
	id := strings.Join(parts[1:], "-")
	if id == nilUUID {
		return "", errors.New(
			"must not be the nil UUID, which every client that forgets to set it shares; send a random one")
	}
	return id, nil
}

func invalidKey(code, message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: 400, Code: code, Message: message,
		Fields: []problem.FieldError{{Field: "Idempotency-Key", Code: code, Message: message}},
	}
}

// Hash returns the identifier of the key's record. It does not reveal the scope, and keys of
// two scopes cannot be made to collide.
func (k Key) Hash() string {
	sum := sha256.Sum256([]byte(k.Scope + "\x00" + k.ID))
	return strings.ToLower(base32Lower.EncodeToString(sum[:])[:hashLength])
}

// Fingerprint returns the fingerprint of a request's canonical bytes. Payloads that differ only
// in their JSON formatting have the same canonical bytes.
func Fingerprint(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
