package idempotency

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

// Purposes of the secrets that are derived from a key.
const (
	answers      = "invochain/answer/v1"
	fingerprints = "invochain/fingerprint/v1"
)

// secret returns the 32 bytes for a purpose that are derived from the key (HKDF with SHA-256, RFC
// 5869). The table holds Hash, from which they cannot be computed: only who knows the ID has them.
func (k Key) secret(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(k.ID), []byte(k.Scope), purpose, 32)
}

// aead returns AES-256-GCM under the key's secret, with a random nonce before each sealed text. One
// secret seals at most the few answers of one key's attempts.
func (k Key) aead() (cipher.AEAD, error) {
	secret, err := k.secret(answers)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// binding is authenticated with an answer: one that is moved to another record does not open there.
func (k Key) binding() []byte { return []byte(k.Hash()) }

// seal encrypts a compressed answer, bound to the key's record. It adds 28 bytes.
func (k Key) seal(compressed []byte) ([]byte, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, fmt.Errorf("seal an answer: %w", err)
	}
	return aead.Seal(nil, nil, compressed, k.binding()), nil //nolint:gosec // G407: it takes a random one
}

// Answer returns the stored answer of the record of key k. Error: the answer is not one that was
// sealed for this key, or is damaged.
func (r Record) Answer(k Key) ([]byte, error) {
	if len(r.Sealed) == 0 {
		return Decompress(r.Body)
	}
	aead, err := k.aead()
	if err != nil {
		return nil, fmt.Errorf("open a stored answer: %w", err)
	}
	compressed, err := aead.Open(nil, nil, r.Sealed, k.binding())
	if err != nil {
		return nil, fmt.Errorf("open a stored answer: %w", err)
	}
	return Decompress(compressed)
}

// payload is a request's fingerprint as records hold it: keyed by an HMAC, which confirms no guess of
// what was requested to a reader without the key's ID; bare in records of earlier versions.
type payload struct{ keyed, bare string }

func (p payload) is(stored string) bool { return stored == p.keyed || stored == p.bare }

func (k Key) payload(fingerprint string) (payload, error) {
	secret, err := k.secret(fingerprints)
	if err != nil {
		return payload{}, fmt.Errorf("key a fingerprint: %w", err)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(fingerprint))
	return payload{base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), fingerprint}, nil
}

// SamePayload returns the condition that the record of key k is of a request with the fingerprint.
func SamePayload(k Key, fingerprint string) (expression.ConditionBuilder, error) {
	p, err := k.payload(fingerprint)
	return expression.Name("fingerprint").In(expression.Value(p.keyed), expression.Value(p.bare)), err
}
