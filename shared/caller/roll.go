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
	if r.RevokedAt != 0 {
		return "", ErrClientRevoked
	}
	secrets := endingAfter(r.Secrets, s.now(), overlap)
	if overlap > 0 && len(secrets) >= maxSecrets {
		return "", ErrManySecrets
	}
	text, kept := newSecret(m)
	secrets = append(secrets, secretRows([]Secret{kept})...)
	_, err = dynamo.Update(ctx, s.db, s.table, dynamo.Key(clientPrefix+id, clientSK),
		expression.Set(expression.Name("secrets"), expression.Value(secrets)).
			Set(expression.Name("version"), expression.Value(r.Version+1)),
		expression.Name("version").Equal(expression.Value(r.Version)), types.ReturnValueNone)
	if dynamo.ConditionFailed(err) {
		return "", ErrClientChanged
	}
	if err != nil {
		return "", fmt.Errorf("write a client: %w", err)
	}
	return text, nil
}

// endingAfter returns the secrets that are in force, none of them for longer than overlap.
func endingAfter(secrets []secretRow, now time.Time, overlap time.Duration) []secretRow {
	until := now.Add(overlap).UnixMilli()
	inForce := slices.DeleteFunc(secrets, func(s secretRow) bool { return s.Until != 0 && s.Until <= now.UnixMilli() })
	for i := range inForce {
		if inForce[i].Until == 0 || until < inForce[i].Until {
			inForce[i].Until = until
		}
	}
	return inForce
}
