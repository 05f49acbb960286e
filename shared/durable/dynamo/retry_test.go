package dynamo_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// held is a table whose items a transaction holds for some attempts. err is the result of the
// attempts after that.
type held struct {
	attempts, calls int
	err             error
}

func (h *held) result(conflict error) error {
	h.calls++
	if h.calls <= h.attempts {
		return conflict
	}
	return h.err
}

func (h *held) PutItem(
	context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return nil, h.result(&types.TransactionConflictException{})
}

func (h *held) UpdateItem(
	context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{Attributes: item(1)}, h.result(&types.TransactionConflictException{})
}

func (h *held) TransactWriteItems(
	context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, h.result(cancelled("None", "TransactionConflict"))
}

// writes sends a write of each kind.
func writes() map[string]func(context.Context, *held) error {
	change := expression.Set(expression.Name("n"), expression.Value(1))
	return map[string]func(context.Context, *held) error{
		"Put": func(ctx context.Context, h *held) error { return dynamo.Put(ctx, h, "t", item(1), dynamo.Absent()) },
		"Update": func(ctx context.Context, h *held) error {
			_, err := dynamo.Update(ctx, h, "t", key(1), change, dynamo.Absent(), types.ReturnValueAllNew)
			return err
		},
		"Transact": func(ctx context.Context, h *held) error {
			return dynamo.Transact(ctx, h, types.TransactWriteItem{})
		},
	}
}

func TestAWriteThatMeetsATransactionIsSentAgain(t *testing.T) {
	t.Parallel()
	conditionFailed := &types.ConditionalCheckFailedException{}
	for name, write := range writes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now() //nolint:forbidigo // the bubble's clock
				h := &held{attempts: 7}
				require.NoError(t, write(t.Context(), h))
				require.Equal(t, 8, h.calls)
				require.Positive(t, time.Since(began), "it pauses")

				h = &held{attempts: 1, err: conditionFailed}
				require.ErrorIs(t, write(t.Context(), h), conditionFailed)
				require.Equal(t, 2, h.calls, "no other error is retried")
			})
		})
	}
}

func TestAConflictThatLastsIsReturned(t *testing.T) {
	t.Parallel()
	for name, write := range writes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now() //nolint:forbidigo // the bubble's clock
				h := &held{attempts: 100}
				require.True(t, dynamo.Conflicted(write(t.Context(), h)))
				require.Equal(t, 8, h.calls)
				require.Less(t, time.Since(began), 800*time.Millisecond)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				h = &held{attempts: 100}
				require.True(t, dynamo.Conflicted(write(ctx, h)))
				require.Equal(t, 1, h.calls, "no attempt after the context has ended")
			})
		})
	}
}
