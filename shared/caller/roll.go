package caller

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// RollSecret adds a secret and returns it. The others end after overlap, or earlier if they
// already do. After a lost reply the caller rolls again. Errors: ErrNoClient, ErrManySecrets,
// ErrClientRevoked, ErrClientChanged.
func (s *Store) RollSecret(ctx context.Context, id string, m Mode, overlap time.Duration) (string, error) {
	r, err := s.clientRow(ctx, id)
	if err != nil {
		return "", err
	}
	if err := r.client(id).MayRoll(s.now(), overlap); err != nil {
		return "", err
	}
	text := NewSecret(m)
	secrets := append(endingAfter(r.Secrets, s.now(), overlap), secretRow{Hash: hash(text)})
	if err := s.writeSecrets(ctx, r, secrets); err != nil {
		return "", err
	}
	return text, nil
}

// MayRoll returns why the client cannot get another secret now, the others ending after overlap; nil if
// it can. Errors: ErrManySecrets, ErrClientRevoked.
func (c Client) MayRoll(now time.Time, overlap time.Duration) error {
	if !c.RevokedAt.IsZero() {
		return ErrClientRevoked
	}
	ended := func(s Secret) bool { return !s.inForce(now) }
	if overlap > 0 && len(slices.DeleteFunc(slices.Clone(c.Secrets), ended)) >= maxSecrets {
		return ErrManySecrets
	}
	return nil
}

// writeSecrets replaces the secrets of the row that was read.
func (s *Store) writeSecrets(ctx context.Context, r clientRow, secrets []secretRow) error {
	version := expression.Name("version")
	_, err := dynamo.Update(ctx, s.db, s.table, dynamo.Key(r.PK, r.SK),
		expression.Set(expression.Name("secrets"), expression.Value(secrets)).
			Set(version, expression.Value(r.Version+1)),
		version.Equal(expression.Value(r.Version)), types.ReturnValueNone)
	if dynamo.ConditionFailed(err) {
		return ErrClientChanged
	}
	if err != nil {
		return fmt.Errorf("write a client: %w", err)
	}
	return nil
}

// endingAfter returns the secrets that are in force, none of them for longer than overlap.
func endingAfter(secrets []secretRow, now time.Time, overlap time.Duration) []secretRow {
	until := now.Add(overlap).UnixMilli()
	ending := inForce(secrets, now)
	for i := range ending {
		if ending[i].Until == 0 || until < ending[i].Until {
			ending[i].Until = until
		}
	}
	return ending
}

func inForce(secrets []secretRow, now time.Time) []secretRow {
	return slices.DeleteFunc(secrets, func(s secretRow) bool { return s.Until != 0 && s.Until <= now.UnixMilli() })
}
