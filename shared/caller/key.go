package caller

import (
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Times of tokens and keys.
const (
	TokenLife = 15 * time.Minute    // of an access token
	Skew      = time.Minute         // by which the clocks of two instances may differ
	KeyLife   = 30 * 24 * time.Hour // for which a key signs
	// Ahead is how long before a key's end the next one is made. It is published for a day
	// before it signs even if the daily rotation fails six times.
	Ahead = 7 * 24 * time.Hour
)

// Key is a key that signs tokens. Its private half is in KMS.
type Key struct {
	ID            string // `kid`: the thumbprint of Public (RFC 7638)
	KMSKey        string // id of the KMS key
	Public        jose.JSONWebKey
	SignsFrom     time.Time
	SignsUntil    time.Time
	VerifiesUntil time.Time // the time of withdrawal for a key that was withdrawn
}

// NewKey returns a key that signs from a time on.
func NewKey(id, kmsKey string, public jose.JSONWebKey, from time.Time) Key {
	until := from.Add(KeyLife)
	return Key{
		ID: id, KMSKey: kmsKey, Public: public,
		SignsFrom: from, SignsUntil: until, VerifiesUntil: until.Add(TokenLife + Skew),
	}
}

func (k Key) signs(now time.Time) bool {
	return !now.Before(k.SignsFrom) && now.Before(k.SignsUntil) && k.verifies(now)
}

func (k Key) verifies(now time.Time) bool { return now.Before(k.VerifiesUntil) }

// Known is what every instance knows of keys and clients.
type Known struct {
	Keys    []Key
	Revoked map[string]time.Time // by client: when its last token has ended
	At      time.Time            // when the read began
}

// Signing returns the key that signs at a time: of those that may, the one that began last.
// Two that began at the same time are told apart by their ids. False if there is none.
func (k Known) Signing(now time.Time) (Key, bool) {
	var best Key
	for _, key := range k.Keys {
		later := key.SignsFrom.Compare(best.SignsFrom)
		if key.signs(now) && (later > 0 || later == 0 && key.ID > best.ID) {
			best = key
		}
	}
	return best, best.ID != ""
}

// KeySet returns the keys that verify tokens at a time, and those that will: the JWKS.
func (k Known) KeySet(now time.Time) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range k.Keys {
		if key.verifies(now) {
			set.Keys = append(set.Keys, key.Public)
		}
	}
	return set
}

func (k Known) key(id string, now time.Time) (Key, bool) {
	i := slices.IndexFunc(k.Keys, func(key Key) bool { return key.ID == id && key.verifies(now) })
	if i < 0 {
		return Key{}, false
	}
	return k.Keys[i], true
}

// Next reports whether a key must be made, and from when it signs: at once if none signs
// now, otherwise from the end of the last one.
func (k Known) Next(now time.Time) (from time.Time, needed bool) {
	if _, signs := k.Signing(now); !signs {
		return now, true
	}
	last := now
	for _, key := range k.Keys {
		if key.verifies(now) && key.SignsUntil.After(last) {
			last = key.SignsUntil
		}
	}
	return last, last.Sub(now) < Ahead
}

// Expired returns the keys that verify no token any more. Their KMS keys can be deleted.
func (k Known) Expired(now time.Time) []Key {
	return slices.DeleteFunc(slices.Clone(k.Keys), func(key Key) bool { return key.verifies(now) })
}
