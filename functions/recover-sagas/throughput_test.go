package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/queue"
)

var due = flag.Int("due", 1000, "sagas that TestOneRunMovesAll makes due") //nolint:gochecknoglobals // a test's flag

// TestOneRunMovesAll moves sagas of all states, six in ten of which are committed, on a table. With
// -due 10000 -v it prints how many a second, with SQS and Step Functions that answer at once.
func TestOneRunMovesAll(t *testing.T) {
	t.Parallel()
	db := dynamo.NewBatchReader(dynamotest.Client(t))
	table := dynamotest.Tables(t, db.Client).Platform
	store := saga.Open(db, saga.Config{Table: table}, time.Now) //nolint:forbidigo // the real clock
	putDue(t, db.Client, table, *due)
	locks := lock.New(db, lock.Config{Table: table}, time.Now) //nolint:forbidigo // the real clock
	outside := &outside{}
	h := handler{
		locks: locks, fenced: func(l lock.Lease) sagas { return store.WithFence(l) },
		compensator: saga.StepFunctions{Client: outside, Sagas: store},
		audits:      queue.NewBatchProducer(outside, queue.Producer{URL: "audit"}),
		gauges:      states{}, now: time.Now, log: slog.New(slog.DiscardHandler), //nolint:forbidigo // the real clock
	}
	began := time.Now() //nolint:forbidigo // the real clock
	require.NoError(t, h.handle(t.Context()))
	took := time.Since(began)
	t.Logf("%d due sagas in %s: %.0f/s", *due, took.Round(time.Millisecond), float64(*due)/took.Seconds())
	then := saga.Open(db, saga.Config{Table: table}, func() time.Time { return began })
	left, err := then.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, *due*3/10, outside.started, "BEGUN, COMPENSATING, STUCK")
	require.Equal(t, *due*6/10+*due*2/10, outside.sent, "audits, and acts of redrives")
}

// putDue stores n sagas that are due, as their writers leave them; a multiple of ten.
func putDue(t *testing.T, db *dynamodb.Client, table string, n int) {
	t.Helper()
	past := time.Now().Add(-time.Minute).UnixMilli() //nolint:forbidigo // the real clock
	var requests []types.WriteRequest
	for i := range n {
		hash := idempotency.Key{Scope: "m", ID: strconv.Itoa(i)}.Hash()
		r := saga.Record{
			SagaID: hash + "-aaaaaaaaaa", MerchantID: "m", BegunAt: past, Reserves: true, Due: past - int64(i),
			DueShard: strconv.Itoa(i % 64), Pending: []string{step.Delete, step.Release},
			Record: idempotency.Record{KeyState: idempotency.Locked, Owner: "o", Fence: 1, LeaseUntil: past},
		}
		switch i % 10 {
		case 0:
			r.State, r.Pending, r.KeyState = saga.Begun, nil, idempotency.Open
		case 1:
			r.State, r.DueShard = saga.Compensating, fmt.Sprintf("failed-%d", i/10%16)
		case 2:
			r.State, r.DueShard = saga.Stuck, fmt.Sprintf("stuck-%d", i/10%16)
		case 3: // nothing was reserved
			r.State, r.Pending, r.KeyState, r.Reserves = saga.Begun, nil, idempotency.Open, false
		default:
			r.State, r.Pending, r.KeyState = saga.Committed, nil, idempotency.Done
			r.InvoiceID, r.Number, r.Body = "inv_"+hash, "INV-1", make([]byte, 1000)
		}
		item, err := attributevalue.MarshalMap(r)
		require.NoError(t, err)
		key := idempotency.ItemKey(hash)
		item["pk"], item["sk"] = key["pk"], key["sk"]
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	for chunk := range slices.Chunk(requests, 25) {
		_, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: chunk},
		})
		require.NoError(t, err)
	}
}

// outside are SQS and Step Functions. They count messages and executions.
type outside struct {
	mu            sync.Mutex
	sent, started int
}

func (o *outside) SendMessage(
	context.Context, *sqs.SendMessageInput, ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent++
	return &sqs.SendMessageOutput{}, nil
}

func (o *outside) SendMessageBatch(
	_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageBatchOutput, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent += len(in.Entries)
	return &sqs.SendMessageBatchOutput{}, nil
}

func (o *outside) StartExecution(
	context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options),
) (*sfn.StartExecutionOutput, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.started++
	return &sfn.StartExecutionOutput{}, nil
}
