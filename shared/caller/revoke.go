package caller

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// revokedFor is how long after its revocation a client may still have a token: one whose request
// was in progress, with the clocks of two instances apart.
const revokedFor = TokenLife + 3*Skew

// RevokeClient revokes a client for good: it gets no more tokens, and those it has are refused
// within a minute. It may be repeated. Error: ErrNoClient.
func (s *Store) RevokeClient(ctx context.Context, id string) error {
	if !possibleID(id) {
		return ErrNoClient
	}
	now := s.now()
	until := now.Add(revokedFor)
	revoked, err := attributevalue.MarshalMap(row{
		PK: keysPK, SK: revokedPrefix + id, RevokedUntil: until.UnixMilli(), TTL: until.Add(time.Hour).Unix(),
	})
	if err != nil {
		return err
	}
	at := expression.Name("revoked_at")
	update, err := dynamo.TransactUpdate(s.table, dynamo.Key(clientPrefix+id, clientSK),
		expression.Set(at, at.IfNotExists(expression.Value(now.UnixMilli()))).
			Add(expression.Name("version"), expression.Value(1)),
		expression.AttributeExists(expression.Name("pk")))
	if err != nil {
		return err
	}
	put := types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: revoked}}
	err = dynamo.Transact(ctx, s.db, update, put)
	if _, absent := dynamo.ConditionFailedAt(err, 0); absent {
		return ErrNoClient
	}
	if err != nil {
		return fmt.Errorf("revoke a client: %w", err)
	}
	return nil
}
