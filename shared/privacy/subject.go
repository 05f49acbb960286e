package privacy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// subjectBytes is how many bytes of the HMAC a subject has; 32 characters.
const subjectBytes = 20

// subjectOf derives a subject. Without the secret it does not reveal whose it is, and identifiers cannot be tried.
func subjectOf(secret []byte, merchant, identifier string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(merchant + "\x00" + normalize(identifier)))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:subjectBytes]))
}

func normalize(identifier string) string {
	return strings.ToLower(strings.Join(strings.Fields(identifier), ""))
}

// Subject returns the pseudonym of a merchant's buyer by an identifier: the merchant's own id of
// the buyer, an e-mail address, a phone number or a GSTIN, however it is written: case and blanks
// do not matter. It has 32 characters. Only the first call of an instance reads the table.
func (s *Store) Subject(ctx context.Context, merchant, identifier string) (string, error) {
	secret, err := s.secretOnce(ctx)
	if err != nil {
		return "", err
	}
	return subjectOf(secret, merchant, identifier), nil
}

// Start begins to read the secret, so that no request waits for it.
func (s *Store) Start(ctx context.Context) {
	go func() { _, _ = s.secretOnce(ctx) }() // a request that needs it reads it again after an error
}

// secretOnce returns the secret of the deployment, from memory if it was read before.
func (s *Store) secretOnce(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	secret := s.secret
	s.mu.Unlock()
	if secret != nil {
		return secret, nil
	}
	secret, err := s.readSecret(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the secret of subjects: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = secret
	return secret, nil
}

// readSecret reads the secret, and makes one if there is none. The first of two that are made at
// once stays. After a lost reply the next call reads it.
func (s *Store) readSecret(ctx context.Context) ([]byte, error) {
	at := dynamo.Key(secretPK, secretSK)
	item, err := s.read(ctx, at)
	if err != nil {
		return nil, err
	}
	if len(item) == 0 {
		item = at
		item["secret"] = dynamo.B(NewKey())
		err = dynamo.Put(ctx, s.db, s.table, item, dynamo.Absent())
		if dynamo.ConditionFailed(err) {
			item, err = dynamo.ConflictingItem(err), nil
		}
	}
	if err != nil {
		return nil, err
	}
	secret := dynamo.Bytes(item["secret"])
	if len(secret) != keySize {
		return nil, errMalformed
	}
	return secret, nil
}
