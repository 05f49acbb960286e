package privacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Errors of Open.
var (
	ErrErased  = errors.New("the key of this text was erased")
	ErrChanged = errors.New("a sealed text was changed, or moved to another place")
)

// Key seals texts: 32 random bytes. An empty Key is one that was erased.
type Key []byte

const keySize = 32

// NewKey returns a new key.
func NewKey() Key {
	k := make(Key, keySize)
	_, _ = rand.Read(k) // it never fails
	return k
}

// ID returns the id of a key, which reveals nothing of it: 16 hexadecimal digits.
func (k Key) ID() string { return hex.EncodeToString(k.id()) }

func (k Key) id() []byte {
	sum := sha256.Sum256(append([]byte("invochain/key-id/v1\x00"), k...))
	return sum[:idSize]
}

// A sealed text is its version, the id of its key, the nonce, the ciphertext and the tag.
const (
	version    = 1
	idSize     = 8
	nonceSize  = 12
	tagSize    = 16
	headerSize = 1 + idSize + nonceSize
)

// Overhead is how many bytes longer a sealed text is.
const Overhead = headerSize + tagSize

// Seal encrypts a text with AES-256-GCM for a place, such as a field of an invoice: it opens at no
// other place. Error: ErrErased without a key.
func Seal(k Key, text []byte, place string) ([]byte, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	sealed := append([]byte{version}, k.id()...)
	nonce := make([]byte, nonceSize)
	_, _ = rand.Read(nonce) // it never fails
	sealed = append(sealed, nonce...)
	return aead.Seal(sealed, nonce, text, bound(sealed, place)), nil
}

// Open decrypts what Seal returned for the place. Errors: ErrErased without a key, or with another
// key than the one that sealed the text; ErrChanged.
func Open(k Key, sealed []byte, place string) ([]byte, error) {
	id, err := SealedBy(sealed)
	if err != nil {
		return nil, err
	}
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	if id != k.ID() {
		return nil, ErrErased
	}
	text, err := aead.Open(nil, sealed[1+idSize:headerSize], sealed[headerSize:], bound(sealed, place))
	if err != nil {
		return nil, ErrChanged
	}
	return text, nil
}

// SealedBy returns the id of the key that sealed a text. Error: ErrChanged for what is no sealed text.
func SealedBy(sealed []byte) (string, error) {
	if len(sealed) < Overhead || sealed[0] != version {
		return "", ErrChanged
	}
	return hex.EncodeToString(sealed[1 : 1+idSize]), nil
}

// bound returns what the ciphertext is bound to: version and key, and its place.
func bound(sealed []byte, place string) []byte {
	return append(append([]byte{}, sealed[:1+idSize]...), place...)
}

func (k Key) aead() (cipher.AEAD, error) {
	if len(k) == 0 {
		return nil, ErrErased
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
