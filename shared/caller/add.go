package caller

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"
)

// AddSecret makes a text a secret of a client that does not end, and creates the client if there
// is none. The client's other secrets stay as they are. It may be repeated. Errors: ErrMalformed,
// ErrNoClient for an impossible id, ErrWrongRole, ErrManySecrets, ErrClientRevoked.
func (s *Store) AddSecret(ctx context.Context, c Client, text string) error {
	if !WellFormed(text) {
		return ErrMalformed
	}
	r, err := s.clientRow(ctx, c.ID)
	if errors.Is(err, ErrNoClient) {
		return s.addClient(ctx, c, text)
	}
	switch {
	case err != nil:
		return err
	case r.Role != c.Role || r.Merchant != c.Merchant:
		return ErrWrongRole
	case r.RevokedAt != 0:
		return ErrClientRevoked
	}
	kept := hash(text)
	others := slices.DeleteFunc(inForce(r.Secrets, s.now()), func(s secretRow) bool { return bytes.Equal(s.Hash, kept) })
	if len(others) >= maxSecrets {
		return ErrManySecrets
	}
	return s.writeSecrets(ctx, r, append(others, secretRow{Hash: kept}))
}

// addClient creates a client with a secret, unless another call has just created it.
func (s *Store) addClient(ctx context.Context, c Client, text string) error {
	if !possibleID(c.ID) {
		return ErrNoClient
	}
	if err := c.Check(); err != nil {
		return err
	}
	_, err := s.add(ctx, c, text)
	return err
}

// EndOtherSecrets ends all secrets of a client but this one after overlap, or earlier if they
// already do. A repetition does not prolong them. Errors: ErrNoClient, ErrNoSecret.
func (s *Store) EndOtherSecrets(ctx context.Context, id, text string, overlap time.Duration) error {
	r, err := s.clientRow(ctx, id)
	if err != nil {
		return err
	}
	kept := hash(text)
	i := slices.IndexFunc(r.Secrets, func(s secretRow) bool { return bytes.Equal(s.Hash, kept) })
	if i < 0 {
		return ErrNoSecret
	}
	own := r.Secrets[i]
	others := endingAfter(slices.Delete(r.Secrets, i, i+1), s.now(), overlap)
	return s.writeSecrets(ctx, r, append(others, own))
}
