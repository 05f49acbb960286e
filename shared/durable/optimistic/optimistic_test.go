package optimistic_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/optimistic"
)

// count is the item of these tests: its version is what it counts.
type count struct {
	N int64 `dynamodbav:"n"`
}

func key() dynamo.Item {
	return dynamo.Item{"pk": &types.AttributeValueMemberS{Value: "COUNT"}, "sk": &types.AttributeValueMemberS{Value: "COUNT"}}
}

func increment(c count) (count, error) { return count{c.N + 1}, nil }

func newTable(t *testing.T) (optimistic.Table, *dynamotest.Faults) {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	return optimistic.Table{DB: db, Name: dynamotest.Tables(t, db.Client).Platform, Version: "n"}, db
}

func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	table, _ := newTable(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var done int64
	for range 8 {
		wg.Go(func() {
			for range 5 {
				_, err := optimistic.Update(t.Context(), table, key(), increment)
				var conflict *optimistic.ConflictError
				if err != nil && !errors.As(err, &conflict) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	last, err := optimistic.Update(t.Context(), table, key(), increment)
	require.NoError(t, err)
	require.Equal(t, done+1, last.N)
}

func TestLostWriteAndLostReplyCountOnce(t *testing.T) {
	t.Parallel()
	table, db := newTable(t)
	for i, applied := range []bool{false, true} {
		db.Hook, _ = dynamotest.Nth(1, applied)
		c, err := optimistic.Update(t.Context(), table, key(), increment)
		require.NoError(t, err)
		require.EqualValues(t, i+1, c.N)
	}
}

// overtaken is a client whose first write lands, is followed by others' and has its
// reply lost.
type overtaken struct {
	*dynamotest.Faults
	others func()
}

func (o *overtaken) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	out, err := o.Faults.PutItem(ctx, in, opts...)
	if o.others == nil || err != nil {
		return out, err
	}
	o.others()
	o.others = nil
	return nil, dynamotest.ErrLost
}

func TestWriteIsKnownAlthoughOthersFollowed(t *testing.T) {
	t.Parallel()
	table, db := newTable(t)
	client := &overtaken{Faults: db, others: func() {
		for range 3 {
			_, err := optimistic.Update(t.Context(), table, key(), increment)
			require.NoError(t, err)
		}
	}}
	first, err := optimistic.Update(t.Context(), optimistic.Table{DB: client, Name: table.Name, Version: "n"}, key(), increment)
	require.NoError(t, err)
	require.EqualValues(t, 1, first.N)
	last, err := optimistic.Update(t.Context(), table, key(), increment)
	require.NoError(t, err)
	require.EqualValues(t, 5, last.N, "each counted once")
}

func TestConflictIsTypedAndBounded(t *testing.T) {
	t.Parallel()
	table, db := newTable(t)
	calls := 0
	_, err := optimistic.Update(t.Context(), table, key(), func(c count) (count, error) {
		calls++
		_, err := optimistic.Update(t.Context(), table, key(), increment) // another writer, each time
		require.NoError(t, err)
		return increment(c)
	})
	var conflict *optimistic.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, conflict.Attempts, calls)
	require.Equal(t, key(), conflict.Key)
	require.NotEmpty(t, db.Calls())
}

func TestItsOwnErrorEndsIt(t *testing.T) {
	t.Parallel()
	table, _ := newTable(t)
	no := errors.New("no")
	_, err := optimistic.Update(t.Context(), table, key(), func(c count) (count, error) { return c, no })
	require.ErrorIs(t, err, no)
	_, err = optimistic.Update(t.Context(), table, key(), func(c count) (count, error) { return c, nil })
	require.ErrorContains(t, err, "must raise the version")
}

func TestUnknownAttributesAreKept(t *testing.T) {
	t.Parallel()
	table, db := newTable(t)
	item := key()
	item["n"], item["other"] = &types.AttributeValueMemberN{Value: "4"}, &types.AttributeValueMemberS{Value: "x"}
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: item})
	require.NoError(t, err)
	_, err = optimistic.Update(t.Context(), table, key(), increment)
	require.NoError(t, err)
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table.Name, Key: key(), ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	require.Equal(t, item["other"], out.Item["other"])
	require.Equal(t, &types.AttributeValueMemberN{Value: "5"}, out.Item["n"])
}
