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

// table is one of DynamoDB Local's, behind a client that counts its calls and may be
// told to leave the last item of each bulk call undone.
type table struct {
	*dynamo.BatchReader

	name string
	lazy bool
	mu   sync.Mutex
	made map[string]int
}

func newTable(t *testing.T) *table {
	t.Helper()
	w := &table{made: map[string]int{}}
	client := dynamotest.Client(t, func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error { return s.Initialize.Add(w, middleware.Before) })
	})
	w.BatchReader, w.name = dynamo.NewBatchReader(client), dynamotest.Tables(t, client).Platform
	return w
}

func (w *table) ID() string { return "count" }

func (w *table) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	w.mu.Lock()
	w.made[awsmiddleware.GetOperationName(ctx)]++
	w.mu.Unlock()
	var undone func(any)
	if w.lazy {
		undone = w.leaveOut(in.Parameters)
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if undone != nil && err == nil {
		undone(out.Result)
	}
	return out, meta, err
}

// leaveOut takes the last item out of a bulk call, and says so in its answer.
func (w *table) leaveOut(params any) func(any) {
	in, bulk := params.(*dynamodb.BatchGetItemInput)
	if !bulk {
		return nil
	}
	of := in.RequestItems[w.name]
	last := of.Keys[len(of.Keys)-1]
	of.Keys = of.Keys[:len(of.Keys)-1]
	in.RequestItems[w.name] = of
	return func(out any) {
		out.(*dynamodb.BatchGetItemOutput).UnprocessedKeys = map[string]types.KeysAndAttributes{w.name: {Keys: []dynamo.Item{last}}}
	}
}

func item(n int) dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "A"}, "sk": &types.AttributeValueMemberS{Value: strconv.Itoa(n)},
		"value": &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
	}
}

func (w *table) get(t *testing.T, n int) dynamo.Item {
	t.Helper()
	key := item(n)
	delete(key, "value")
	out, err := w.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &w.name, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Error(err)
		return nil
	}
	return out.Item
}

// together does something n times side by side.
func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

func (w *table) put(t *testing.T, n int) {
	t.Helper()
	_, err := w.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.name, Item: item(n)})
	require.NoError(t, err)
}

func TestWhatIsAskedTogetherGoesInOneCall(t *testing.T) {
	for _, lazy := range []bool{false, true} {
		t.Run(fmt.Sprintf("items left undone %v", lazy), func(t *testing.T) {
			w := newTable(t)
			w.lazy = lazy
			for i := range 20 {
				w.put(t, i)
			}
			got := make([]dynamo.Item, 44)
			together(len(got), func(i int) { got[i] = w.get(t, i/2) })
			for i := range got {
				want := item(i / 2)
				if i/2 >= 20 {
					want = nil
				}
				require.Equal(t, want, got[i], "each has the item that it asked for")
			}
			require.LessOrEqual(t, w.made["BatchGetItem"], 8)
			require.Positive(t, w.made["BatchGetItem"])
			if lazy {
				require.Positive(t, w.made["GetItem"], "what was left undone is done alone")
			}
		})
	}
}

func TestOneAloneIsAskedForAsItIs(t *testing.T) {
	w := newTable(t)
	w.put(t, 1)
	require.Equal(t, item(1), w.get(t, 1))
	require.Equal(t, 1, w.made["GetItem"])
	require.Zero(t, w.made["BatchGetItem"])
}

func TestAFailureIsEveryonesOwn(t *testing.T) {
	w := newTable(t)
	w.name = "nowhere"
	errs := make([]error, 5)
	together(5, func(i int) {
		key := item(i)
		delete(key, "value")
		_, errs[i] = w.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &w.name, Key: key, ConsistentRead: aws.Bool(true)})
	})
	for _, err := range errs {
		require.ErrorContains(t, err, "ResourceNotFoundException")
	}
}
