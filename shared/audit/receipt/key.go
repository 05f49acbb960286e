package receipt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/torchwood"
)

// algorithm is the type of signature in C2SP signed-note. Its key id is a hash of the key alone,
// unlike those of other types.
const algorithm = 0x02

var errKey = errors.New("not the key of an audit log: it has the form NAME+ID+KEY")

// Key is the public key of a log and the log's name, its origin. It verifies notes, see
// golang.org/x/mod/sumdb/note.
type Key struct {
	origin string
	spki   []byte
	public *ecdsa.PublicKey
}

// NewKey returns the key of a log from a SubjectPublicKeyInfo, as KMS returns it.
func NewKey(origin string, spki []byte) (Key, error) {
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return Key{}, fmt.Errorf("parse the key of the audit log: %w", err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() || origin == "" || strings.ContainsAny(origin, "+ \t\r\n") {
		return Key{}, errKey
	}
	return Key{origin: origin, spki: spki, public: public}, nil
}

// ParseKey reads what String returns.
func ParseKey(text string) (Key, error) {
	origin, rest, _ := strings.Cut(strings.TrimSpace(text), "+")
	_, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) < 2 || raw[0] != algorithm {
		return Key{}, errKey
	}
	k, err := NewKey(origin, raw[1:])
	if err != nil || k.String() != strings.TrimSpace(text) {
		return Key{}, errKey
	}
	return k, nil
}

// String returns the key as a line of text: NAME+ID+KEY.
func (k Key) String() string {
	encoded := base64.StdEncoding.EncodeToString(append([]byte{algorithm}, k.spki...))
	return fmt.Sprintf("%s+%08x+%s", k.origin, k.KeyHash(), encoded)
}

// Name implements note.Verifier.
func (k Key) Name() string { return k.origin }

// KeyHash implements note.Verifier.
func (k Key) KeyHash() uint32 {
	sum := sha256.Sum256(k.spki)
	return binary.BigEndian.Uint32(sum[:])
}

// Verify implements note.Verifier.
func (k Key) Verify(message, signature []byte) bool {
	sum := sha256.Sum256(message)
	return ecdsa.VerifyASN1(k.public, sum[:], signature)
}

// policy accepts a checkpoint with the log's name and the key's signature. With the signature alone,
// another log's checkpoint under the same key would do.
func (k Key) policy() torchwood.Policy {
	return torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(k.origin), torchwood.SingleVerifierPolicy(k))
}

// Checkpoint verifies a signed checkpoint and returns it.
func (k Key) Checkpoint(signed []byte) (torchwood.Checkpoint, error) {
	c, _, err := torchwood.VerifyCheckpoint(signed, k.policy())
	return c, err
}
