package idempotency

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// rootLength characters of base32 hold 130 bits: no two keys meet.
const rootLength = 26

var (
	uuidShape = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	lower32   = base32.StdEncoding.WithPadding(base32.NoPadding)
)

// Key is a client's idempotency key within the scope that it is unique in.
type Key struct {
	Scope string // the merchant
	ID    string // a UUID in lower case
}

// ParseKey reads the value of an Idempotency-Key header: a UUID, bare or as the
// quoted string of the IETF draft (draft-ietf-httpapi-idempotency-key-header).
// Errors are problem.Error with code idempotency_key_missing or
// idempotency_key_invalid, both HTTP 400.
func ParseKey(scope, header string) (Key, error) {
	v := strings.TrimSpace(header)
	if v == "" {
		return Key{}, badKey("idempotency_key_missing", "the Idempotency-Key header is required: a UUID that names this request in all its retries")
	}
	if len(v) > 1 && strings.HasPrefix(v, `"`) && strings.HasSuffix(v, `"`) {
		v = v[1 : len(v)-1]
	}
	v = strings.ToLower(v)
	if !uuidShape.MatchString(v) {
		return Key{}, badKey("idempotency_key_invalid", "the Idempotency-Key header is not a UUID")
	}
	return Key{Scope: scope, ID: v}, nil
}

func badKey(code, message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: 400, Code: code, Message: message,
		Fields: []problem.FieldError{{Field: "Idempotency-Key", Code: code, Message: message}},
	}
}

// Hash names the key's record: a hash, so that a root neither tells the scope
// nor can be made to collide across scopes.
func (k Key) Hash() string {
	sum := sha256.Sum256([]byte(k.Scope + "\x00" + k.ID))
	return strings.ToLower(lower32.EncodeToString(sum[:])[:rootLength])
}

// Fingerprint of a request's canonical bytes: equal for equal payloads, however
// they were spelled.
func Fingerprint(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
