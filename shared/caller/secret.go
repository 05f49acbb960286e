package caller

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"regexp"
	"time"
)

// Mode is the kind of a deployment that a secret belongs to; the secret shows it.
type Mode string

// Modes.
const (
	Live Mode = "live"
	Test Mode = "test"
)

// Secret is a client's secret as it is kept: 260 random bits need no slow hash.
type Secret struct {
	Hash  []byte    // SHA-256
	Until time.Time // zero for one that does not expire
}

// NewSecret returns a new secret: `ics_live_` or `ics_test_`, which scanners for leaked secrets
// find, 52 characters of base32, and 4 that check those before them.
func NewSecret(m Mode) string {
	text := "ics_" + string(m) + "_" + rand.Text() + rand.Text()
	return text + checksum(text)
}

const checksumLength = 4

var secretShape = regexp.MustCompile(`^ics_(?:live|test)_[A-Z2-7]{56}$`)

// WellFormed reports whether a text is a secret by its form and checksum, so that one that was
// mistyped can be told from one that is wrong.
func WellFormed(text string) bool {
	body := len(text) - checksumLength
	return secretShape.MatchString(text) && checksum(text[:body]) == text[body:]
}

func checksum(text string) string {
	return base32.StdEncoding.EncodeToString(hash(text))[:checksumLength]
}

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Authentic reports whether a text is one of the client's secrets that are in force. It compares
// with all of them, in constant time.
func (c Client) Authentic(text string, now time.Time) bool {
	given, same := hash(text), 0
	for _, s := range c.Secrets {
		if s.inForce(now) {
			same |= subtle.ConstantTimeCompare(given, s.Hash)
		}
	}
	return same == 1 && c.RevokedAt.IsZero()
}

func (s Secret) inForce(now time.Time) bool { return s.Until.IsZero() || now.Before(s.Until) }
