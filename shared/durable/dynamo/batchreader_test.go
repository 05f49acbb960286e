package dynamo_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fixture is a table behind a BatchReader that counts the calls to DynamoDB. With incomplete
// set, each BatchGetItem call leaves its last key unprocessed.
type fixture struct {
	*dynamo.BatchReader

	table      string
	incomplete bool
	mu         sync.Mutex
	calls      map[string]int
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{calls: map[string]int{}}
	client := dynamotest.Client(t, func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			return s.Initialize.Add(f, middleware.Before)
		})
	})
	f.BatchReader, f.table = dynamo.NewBatchReader(client), dynamotest.Tables(t, client).Platform
	return f
}

// ID implements middleware.InitializeMiddleware.
func (f *fixture) ID() string { return "count" }

// HandleInitialize implements middleware.InitializeMiddleware.
func (f *fixture) HandleInitialize(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	f.mu.Lock()
	f.calls[awsmiddleware.GetOperationName(ctx)]++
	f.mu.Unlock()
	var skipped dynamo.Item
	if batch, ok := in.Parameters.(*dynamodb.BatchGetItemInput); ok && f.incomplete {
		skipped = f.removeLastKey(batch)
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if skipped != nil && err == nil {
		out.Result.(*dynamodb.BatchGetItemOutput).UnprocessedKeys = map[string]types.KeysAndAttributes{
			f.table: {Keys: []dynamo.Item{skipped}},
		}
	}
	return out, meta, err
}

func (f *fixture) removeLastKey(in *dynamodb.BatchGetItemInput) dynamo.Item {
	keys := in.RequestItems[f.table]
	last := len(keys.Keys) - 1
	key := keys.Keys[last]
	keys.Keys = keys.Keys[:last]
	in.RequestItems[f.table] = keys
	return key
}

func key(n int) dynamo.Item { return dynamo.Key("A", strconv.Itoa(n)) }

func item(n int) dynamo.Item {
	item := key(n)
	item["value"] = dynamo.N(int64(n))
	return item
}

func (f *fixture) put(t *testing.T, n int) {
	t.Helper()
	_, err := f.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: item(n)})
	require.NoError(t, err)
}

func (f *fixture) get(ctx context.Context, n int) (dynamo.Item, error) {
	out, err := f.GetItem(ctx, &dynamodb.GetItemInput{TableName: &f.table, Key: key(n), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// getConcurrently reads n items, given by index, and returns each caller's result.
func (f *fixture) getConcurrently(ctx context.Context, n int, index func(i int) int) ([]dynamo.Item, []error) {
	items, errs := make([]dynamo.Item, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { items[i], errs[i] = f.get(ctx, index(i)) })
	}
	wg.Wait()
	return items, errs
}

func TestConcurrentReadsShareACall(t *testing.T) {
	t.Parallel()
	for _, incomplete := range []bool{false, true} {
		t.Run(fmt.Sprintf("incomplete=%v", incomplete), func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.incomplete = incomplete
			for i := range 20 {
				f.put(t, i)
			}
			got, errs := f.getConcurrently(t.Context(), 44, func(i int) int { return i / 2 })
			for i := range got {
				require.NoError(t, errs[i])
				want := item(i / 2)
				if i/2 >= 20 {
					want = nil
				}
				require.Equal(t, want, got[i], "each caller gets its item")
			}
			require.LessOrEqual(t, f.calls["BatchGetItem"], 8)
			require.Positive(t, f.calls["BatchGetItem"])
			if incomplete {
				require.Positive(t, f.calls["GetItem"], "unprocessed keys are read one by one")
			}
		})
	}
}

func TestASingleReadIsNotBatched(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.put(t, 1)
	got, err := f.get(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, item(1), got)
	require.Equal(t, 1, f.calls["GetItem"])
	require.Zero(t, f.calls["BatchGetItem"])
}

func TestAFailedCallIsReturnedToEachCaller(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.table = "missing"
	_, errs := f.getConcurrently(t.Context(), 5, func(i int) int { return i })
	for _, err := range errs {
		require.ErrorContains(t, err, "ResourceNotFoundException")
	}
}
