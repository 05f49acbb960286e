package audit_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// meter counts the units of a log's queries, as DynamoDB Local reports them, and of its transactions,
// which it reports too low.
type meter struct {
	mu            sync.Mutex
	reads, writes float64
}

func (m *meter) install(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("meter", m.around), middleware.Before)
	})
}

func (m *meter) around(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	switch call := in.Parameters.(type) {
	case *dynamodb.QueryInput:
		call.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
	out, metadata, err := next.HandleInitialize(ctx, in)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch answer := out.Result.(type) {
	case *dynamodb.QueryOutput:
		m.reads += *answer.ConsumedCapacity.CapacityUnits
	case *dynamodb.TransactWriteItemsOutput:
		for _, item := range in.Parameters.(*dynamodb.TransactWriteItemsInput).TransactItems {
			m.writes += unitsOf(item.Put.Item)
		}
	}
	return out, metadata, err
}

// unitsOf returns the write units of an item in a transaction: two for each KB that it begins.
func unitsOf(item map[string]types.AttributeValue) float64 {
	return 2 * math.Ceil(float64(dynamotest.Size(&types.AttributeValueMemberM{Value: item}))/1024)
}

// metered returns a new log whose units are counted.
func metered(t *testing.T) (*audit.Log, *meter) {
	t.Helper()
	m := &meter{}
	db := dynamotest.Client(t, m.install)
	return audit.New(db, audit.Config{Table: dynamotest.Tables(t, db).Audit, Now: now}), m
}

// realistic returns entries with all fields of an invoice's.
func realistic(from, to int) []audit.Entry {
	all := entries(from, to)
	for i := range all {
		all[i].ID = fmt.Sprintf("%026d-%010d", from+i, from+i)
		all[i].InvoiceID, all[i].InvoiceNumber = "767cc54c-80e2-81a9-825d-351df197a266", "A-000001"
		all[i].DocumentType, all[i].Document = "INV", fmt.Sprintf("%064x", i)
		all[i].Actor = "cl_01j9zq3v5k8m2n4p6r7s8t9v0w"
	}
	return all
}

// TestCostOfAnAppend prints the write units of an entry, by the size of its batch. Chains of earlier
// versions took 4 for the entry and its index, and 2 for the head in each batch.
func TestCostOfAnAppend(t *testing.T) {
	t.Parallel()
	log, m := metered(t)
	from := 0
	for _, batch := range []int{1, 10, 50, 97} {
		before := m.writes
		require.NoError(t, log.Append(t.Context(), realistic(from, from+batch)))
		from += batch
		units := (m.writes - before) / float64(batch)
		t.Logf("an entry in a batch of %d costs %.2f write units", batch, units)
		require.LessOrEqual(t, units, 4+2/float64(batch), "what it cost before")
	}
}

// TestCostOfARegister prints the read units of 1,000 entries with all fields.
func TestCostOfARegister(t *testing.T) {
	t.Parallel()
	log, m := metered(t)
	require.NoError(t, log.Append(t.Context(), realistic(0, 1000)))
	m.reads = 0
	register, err := log.Register(t.Context(), "m", "2026-11")
	require.NoError(t, err)
	require.Len(t, register, 1000)
	t.Logf("a register of 1,000 entries costs %.0f read units", m.reads)
	require.LessOrEqual(t, m.reads, 160.0)
}

// BenchmarkAppend appends entries by some writers on a table with the conflict rule of DynamoDB, where a
// transaction holds its items for 25 ms. Between two batches a writer reads sagas and sends messages,
// as log-audit does, for 20 ms. infra admits two writers with batches of 97.
func BenchmarkAppend(b *testing.B) {
	for _, s := range []struct{ writers, batch int }{{1, 97}, {2, 50}, {2, 97}, {3, 97}, {4, 97}} {
		b.Run(fmt.Sprintf("%d writers of %d", s.writers, s.batch), func(b *testing.B) {
			db, refused := dynamotest.ConflictingClient(b, 12500*time.Microsecond, 12500*time.Microsecond)
			log := audit.New(db, audit.Config{Table: dynamotest.Tables(b, dynamotest.Client(b)).Audit, Now: now})
			var next atomic.Int64
			var wg sync.WaitGroup
			for range s.writers {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						from := int(n) * s.batch
						if err := log.Append(b.Context(), realistic(from, from+s.batch)); err != nil {
							b.Error(err)
						}
						<-time.After(20 * time.Millisecond)
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N*s.batch)/b.Elapsed().Seconds(), "entries/s")
			b.ReportMetric(float64(refused.Conflicts())/float64(b.N), "conflicts/op")
		})
	}
}
