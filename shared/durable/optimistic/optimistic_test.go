package optimistic_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/optimistic"
)

// counter is the item of these tests. Its count is its version.
type counter struct {
	N int64 `dynamodbav:"n"`
}

func increment(c counter) (counter, error) { return counter{c.N + 1}, nil }

// fixture is a table with one counter.
type fixture struct {
	db    *dynamotest.Faults
	table optimistic.Table
	key   dynamo.Item
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	table := optimistic.Table{DB: db, Name: dynamotest.Tables(t, db.Client).Platform, Version: "n"}
	return &fixture{db: db, table: table, key: dynamo.Key("COUNT", "COUNT")}
}

func (f *fixture) update(t *testing.T, change func(counter) (counter, error)) (counter, error) {
	t.Helper()
	return optimistic.Update(t.Context(), f.table, f.key, change)
}

func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var wg sync.WaitGroup
	var updates atomic.Int64
	for range 8 {
		wg.Go(func() {
			for range 5 {
				_, err := f.update(t, increment)
				if _, conflict := errors.AsType[*optimistic.ConflictError](err); err != nil && !conflict {
					t.Error(err)
				}
				if err == nil {
					updates.Add(1)
				}
			}
		})
	}
	wg.Wait()
	last, err := f.update(t, increment)
	require.NoError(t, err)
	require.Equal(t, updates.Load()+1, last.N)
}

func TestLostWriteAndLostReplyCountOnce(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			for i := range 2 { // a new item, and an existing one
				f.db.Hook, _ = dynamotest.Nth(1, applied)
				c, err := f.update(t, increment)
				require.NoError(t, err)
				require.EqualValues(t, i+1, c.N)
			}
		})
	}
}

// overtaken is a client whose first write lands and loses its reply after others have written.
type overtaken struct {
	*dynamotest.Faults
	others func()
}

func (o *overtaken) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	out, err := o.Faults.PutItem(ctx, in, opts...)
	if o.others == nil || err != nil {
		return out, err
	}
	o.others()
	o.others = nil
	return nil, dynamotest.ErrLost
}

func TestOvertakenWriteIsRecognised(t *testing.T) {
	t.Parallel()
	f := setup(t)
	client := &overtaken{Faults: f.db, others: func() {
		for range 3 {
			_, err := f.update(t, increment)
			require.NoError(t, err)
		}
	}}
	table := optimistic.Table{DB: client, Name: f.table.Name, Version: "n"}
	first, err := optimistic.Update(t.Context(), table, f.key, increment)
	require.NoError(t, err)
	require.EqualValues(t, 1, first.N)
	last, err := f.update(t, increment)
	require.NoError(t, err)
	require.EqualValues(t, 5, last.N, "each write counted once")
}

func TestConflictIsTypedAndBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	attempts := 0
	_, err := f.update(t, func(c counter) (counter, error) {
		attempts++
		_, err := f.update(t, increment) // another writer, each time
		require.NoError(t, err)
		return increment(c)
	})
	var conflict *optimistic.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, conflict.Attempts, attempts)
	require.Equal(t, f.key, conflict.Key)
	require.NotEmpty(t, f.db.Calls())
}

func TestAnErrorOfChangeIsReturned(t *testing.T) {
	t.Parallel()
	f := setup(t)
	failure := errors.New("failure")
	_, err := f.update(t, func(c counter) (counter, error) { return c, failure })
	require.ErrorIs(t, err, failure)
	_, err = f.update(t, func(c counter) (counter, error) { return c, nil })
	require.ErrorContains(t, err, "must increase the version")
}

func TestUnknownAttributesAreKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	item := dynamo.Key("COUNT", "COUNT")
	item["n"], item["other"] = dynamo.N(4), dynamo.S("x")
	_, err := f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table.Name, Item: item})
	require.NoError(t, err)
	_, err = f.update(t, increment)
	require.NoError(t, err)
	out, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.table.Name, Key: f.key, ConsistentRead: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, item["other"], out.Item["other"])
	require.Equal(t, dynamo.N(5), out.Item["n"])
}
