package conflict_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// gate lets transactions reach the server one by one, when a test opens it, and counts those
// that are there at the same time.
type gate struct {
	arrived, open chan struct{} // nil: always open
	inside, most  atomic.Int32
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.TransactWriteItems" {
		if g.open != nil {
			g.arrived <- struct{}{}
			<-g.open
		}
		g.most.Store(max(g.most.Load(), g.inside.Add(1)))
		defer g.inside.Add(-1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// fixture is a client under the rule, with two tables.
type fixture struct {
	*dynamodb.Client
	*gate

	transport    *conflict.Transport
	table, other string
}

func setup(t *testing.T) *fixture {
	t.Helper()
	g := &gate{arrived: make(chan struct{}), open: make(chan struct{})}
	f := &fixture{gate: g, transport: &conflict.Transport{Next: g}}
	f.Client = dynamotest.Client(t, func(o *dynamodb.Options) { o.HTTPClient = &http.Client{Transport: f.transport} })
	names := dynamotest.Tables(t, f.Client)
	f.table, f.other = names.Platform, names.Inventory
	return f
}

// add adds 1 to each item in one transaction.
func (f *fixture) add(ctx context.Context, keys ...string) error {
	items := make([]types.TransactWriteItem, 0, len(keys))
	for _, key := range keys {
		change := expression.Add(expression.Name("n"), expression.Value(1))
		item, err := dynamo.TransactUpdate(f.table, dynamo.Key("A", key), change, dynamo.Absent().Or(dynamo.Absent().Not()))
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	_, err := f.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

// hold starts a transaction that holds items until end is called.
func (f *fixture) hold(t *testing.T, keys ...string) (end func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f.add(t.Context(), keys...) }()
	<-f.arrived
	return func() {
		f.open <- struct{}{}
		require.NoError(t, <-done)
	}
}

func (f *fixture) value(t *testing.T, key string) string {
	t.Helper()
	out, err := f.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &f.table, Key: dynamo.Key("A", key)})
	require.NoError(t, err)
	if n, ok := out.Item["n"].(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return ""
}

// singleWrites are the three single writes of an item.
func (f *fixture) singleWrites(ctx context.Context, table string, key dynamo.Item) map[string]func() error {
	return map[string]func() error{
		"PutItem": func() error {
			_, err := f.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: key})
			return err
		},
		"UpdateItem": func() error {
			_, err := f.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &table, Key: key, UpdateExpression: aws.String("REMOVE n"),
			})
			return err
		},
		"DeleteItem": func() error {
			_, err := f.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key})
			return err
		},
	}
}

func TestASingleWriteThatMeetsATransactionIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	end := f.hold(t, "1", "2")
	for name, write := range f.singleWrites(t.Context(), f.table, dynamo.Key("A", "2")) {
		var refused *types.TransactionConflictException
		require.ErrorAs(t, write(), &refused, name)
		require.Equal(t, "Transaction is ongoing for the item", refused.ErrorMessage())
	}
	for name, write := range f.singleWrites(t.Context(), f.table, dynamo.Key("A", "3")) {
		require.NoError(t, write(), "%s of another item", name)
	}
	for name, write := range f.singleWrites(t.Context(), f.other, dynamo.Key("A", "2")) {
		require.NoError(t, write(), "%s of another table", name)
	}
	require.Empty(t, f.value(t, "2"), "reads see the state before the transaction")
	require.EqualValues(t, 3, f.transport.Conflicts())
	end()
	require.Equal(t, "1", f.value(t, "2"), "nothing was written by the refused ones")
	for name, write := range f.singleWrites(t.Context(), f.table, dynamo.Key("A", "2")) {
		require.NoError(t, write(), "%s after it", name)
	}
}

func TestATransactionThatMeetsAnotherIsCanceled(t *testing.T) {
	t.Parallel()
	f := setup(t)
	end := f.hold(t, "1", "2")
	err := f.add(t.Context(), "0", "1", "3", "2")
	var codes []string
	for _, r := range dynamo.CancellationReasons(err) {
		codes = append(codes, *r.Code)
	}
	require.Equal(t, []string{"None", "TransactionConflict", "None", "TransactionConflict"}, codes)
	require.True(t, dynamo.Contended(err))
	require.Contains(t, err.Error(), "[None, TransactionConflict, None, TransactionConflict]")

	endOther := f.hold(t, "0", "3")
	end() // the gate opens in the order of arrival
	endOther()
	require.Equal(t, []string{"1", "1", "1", "1"},
		[]string{f.value(t, "0"), f.value(t, "1"), f.value(t, "2"), f.value(t, "3")},
		"the cancelled one wrote nothing and held nothing")
}

// TestATransactionOutlivesItsCaller: it holds its items and takes effect all the same.
func TestATransactionOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.add(ctx, "1") }()
	<-f.arrived
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.True(t, dynamo.Contended(f.add(t.Context(), "1")))
	f.open <- struct{}{}
	require.Eventually(t, func() bool { return f.value(t, "1") == "1" }, 10*time.Second, time.Millisecond)
}

// TestConcurrentTransactionsTakeTurns: of many at the same time one reaches the server, the
// others are cancelled, and the effects are those of the ones that were acknowledged.
func TestConcurrentTransactionsTakeTurns(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open = nil
	acknowledged := atomic.Int32{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for done := 0; done < 3; {
				if f.add(t.Context(), "1", "2") == nil {
					acknowledged.Add(1)
					done++
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 12, acknowledged.Load())
	require.Equal(t, "12", f.value(t, "1"))
	require.EqualValues(t, 1, f.most.Load())
	require.Positive(t, f.transport.Conflicts())
}

// TestThrottlingIsContention: a throttled write is told as AWS does, so that it is tried again.
func TestThrottlingIsContention(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open = nil
	f.transport.Units = 1
	err := f.add(t.Context(), "1") // takes two
	require.True(t, dynamo.Contended(err))
	require.False(t, dynamo.Conflicted(err))
	require.Eventually(t, func() bool { // the second one in a second
		_, err = f.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &f.table, Key: dynamo.Key("A", "3")},
			func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
		return dynamo.Contended(err)
	}, time.Minute, time.Millisecond)
}
