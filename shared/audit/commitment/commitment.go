// Package commitment commits to documents without telling them.
package commitment

import (
	"crypto/rand"
	"crypto/sha256"
)

// saltSize is the size of a salt in bytes.
const saltSize = 16

// label is hashed before the salt, so that the hash means nothing anywhere else.
const label = "invochain/document/v1\x00"

// NewSalt returns a random salt.
func NewSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return salt
}

// Of returns the SHA-256 of a label, a salt and a document. One who is given the document and
// the salt can check it; anyone else cannot guess the document from it.
func Of(salt, document []byte) []byte {
	h := sha256.New()
	h.Write([]byte(label))
	h.Write(salt)
	h.Write(document)
	return h.Sum(nil)
}
