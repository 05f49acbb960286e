package issuance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/resilience"
)

// seriesTable is a table with one series, in a bubble's time. A call takes 5 ms, and a transaction holds
// the series for 25 ms more.
type seriesTable struct {
	invoice.API

	mu     sync.Mutex
	held   bool
	next   int64
	turn   string
	until  int64 // of the turn
	counts struct{ landed, refused, turns, waits int }
}

const callTime = 5 * time.Millisecond

func (s *seriesTable) GetItem(
	ctx context.Context, _ *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	err := resilience.Sleep(ctx, callTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	return &dynamodb.GetItemOutput{Item: dynamo.Item{"next": dynamo.N(s.next)}}, err
}

// UpdateItem takes the turn.
func (s *seriesTable) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	err := resilience.Sleep(ctx, callTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	now, until := numbers(in.ExpressionAttributeValues)
	writer := ""
	for _, v := range in.ExpressionAttributeValues {
		writer = max(writer, dynamo.Text(v)) // the one text
	}
	switch {
	case err != nil:
		return nil, err
	case s.held:
		s.counts.waits++
		return nil, &types.TransactionConflictException{}
	case s.turn != "" && s.turn != writer && s.until > now:
		s.counts.waits++
		return nil, &types.ConditionalCheckFailedException{}
	}
	s.turn, s.until = writer, until
	s.counts.turns++
	return &dynamodb.UpdateItemOutput{Attributes: dynamo.Item{"next": dynamo.N(s.next)}}, nil
}

// TransactWriteItems advances the series. Its item is the last one.
func (s *seriesTable) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := resilience.Sleep(ctx, callTime); err != nil {
		return nil, err
	}
	if !s.hold() {
		return nil, s.cancelled(len(in.TransactItems), dynamo.ReasonConflict)
	}
	_ = resilience.Sleep(ctx, held/2)
	read, next := numbers(in.TransactItems[len(in.TransactItems)-1].Update.ExpressionAttributeValues)
	moved := s.advance(read, next)
	_ = resilience.Sleep(ctx, held/2)
	s.mu.Lock()
	s.held = false
	s.mu.Unlock()
	if !moved {
		return nil, s.cancelled(len(in.TransactItems), dynamo.ReasonConditionFailed)
	}
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

func (s *seriesTable) hold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := !s.held
	s.held = true
	return free
}

func (s *seriesTable) advance(read, next int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != read {
		return false
	}
	s.next, s.turn = next, ""
	s.counts.landed++
	return true
}

func (s *seriesTable) cancelled(items int, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.refused++
	reasons := make([]types.CancellationReason, items)
	reasons[items-1].Code = aws.String(code)
	return &types.TransactionCanceledException{CancellationReasons: reasons}
}

// numbers returns the least and the largest number of an expression.
func numbers(values dynamo.Item) (least, most int64) {
	var all []int64
	for _, v := range values {
		if n, err := strconv.ParseInt(dynamo.Number(v), 10, 64); err == nil {
			all = append(all, n)
		}
	}
	return slices.Min(all), slices.Max(all)
}

// TestTheCeilingOfASeries: in the time of a bubble, so that the machine's load does not matter. Ten
// instances take batches of 25 from a queue with so many messages a second, for ten seconds.
func TestTheCeilingOfASeries(t *testing.T) {
	t.Parallel()
	for perSecond, within := range map[int]time.Duration{240: time.Second, 300: time.Second, 500: 2 * time.Second} {
		t.Run(fmt.Sprintf("%d a second", perSecond), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				table := &seriesTable{next: 1}
				n := 10 * perSecond
				started := time.Now() //nolint:forbidigo // the bubble's clock
				took := table.serve(t, n, perSecond)
				all := time.Since(started)
				t.Logf("%.0f/s; half within %s, 95 %% within %s, all within %s; %+v", float64(n)/all.Seconds(),
					took[n/2], took[n*95/100], took[n-1], table.counts)
				require.EqualValues(t, n+1, table.next, "no gap")
				require.Less(t, took[n*95/100], within)
				require.Less(t, all, 11*time.Second)
				require.Less(t, table.counts.refused, table.counts.landed/5, "turns spare transactions")
			})
		})
	}
}

// serve returns how long the messages took, in order.
func (s *seriesTable) serve(t *testing.T, n, perSecond int) []time.Duration {
	t.Helper()
	q := newQueueDoor(n, time.Second, 5) // as many pollers as Lambda begins with
	go q.send(n, perSecond, gst.Request{})
	draft := gst.Invoice{DocumentType: gst.TypeInvoice, SellerMerchantID: merchantID, InvoiceDate: "2025-11-26"}
	var instances sync.WaitGroup
	for range 10 {
		now := time.Now //nolint:forbidigo // the bubble's clock
		i := &issuance.Issuer{
			Invoices: invoice.NewStore(s, "invoices"), Sagas: saga.Open(nil, saga.Config{Table: "platform"}, now), Now: now,
		}
		instances.Go(func() {
			for batch := q.batch(); len(batch) > 0; batch = q.batch() {
				var wg sync.WaitGroup
				for _, m := range batch {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), issuance.DefaultLimits().Request)
						defer cancel()
						id := fmt.Sprintf("saga-%d", m.n)
						claim := callTime + rand.N(2*callTime)
						assert.NoError(t, i.CommitDraft(ctx, id, draft, "S", claim))
						q.mu.Lock()
						defer q.mu.Unlock()
						q.took = append(q.took, time.Since(m.sent))
					})
				}
				wg.Wait()
			}
		})
	}
	instances.Wait()
	slices.Sort(q.took)
	return q.took
}
