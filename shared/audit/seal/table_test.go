package seal_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func now() time.Time { return time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC) }

func issued(from, to int) []audit.Entry {
	var all []audit.Entry
	for n := from; n < to; n++ {
		all = append(all, audit.Entry{
			ID: fmt.Sprintf("saga-%06d", n), MerchantID: "m", Action: "invoice.created", Date: "2026-11-26",
		})
	}
	return all
}

// newTableLog returns a log whose order and checkpoint are in a table.
func newTableLog(t *testing.T) (*seal.Log, *audit.Log, *dynamotest.Faults, string) {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	table := dynamotest.Tables(t, db.Client).Audit
	log, _ := newLog(t)
	order := audit.New(db, audit.Config{Table: table, Now: now})
	log.Order = order
	return log, order, db, table
}

// TestWritersAndSealersOfOneTable: four writers, whose entries overlap, and two sealers.
func TestWritersAndSealersOfOneTable(t *testing.T) {
	t.Parallel()
	log, order, _, _ := newTableLog(t)
	var writers, sealers sync.WaitGroup
	done := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for part := range 4 {
				_ = order.Append(t.Context(), issued(w*40+part*20, w*40+part*20+30))
			}
		})
	}
	for range 2 {
		sealers.Go(func() {
			for {
				_, _ = log.Seal(t.Context())
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	sealers.Wait()
	require.NoError(t, order.Append(t.Context(), issued(0, 210)))
	s, err := log.Seal(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(210), s.Size, "each once")
	for _, e := range issued(0, 210) {
		placed, there, err := order.Find(t.Context(), "m", "2026-11", e.ID)
		require.NoError(t, err)
		require.True(t, there)
		proof, _, err := log.Prove(t.Context(), placed, 0)
		require.NoError(t, err)
		_, err = receipt.Verify(log.Key, receipt.Receipt{Proof: proof})
		require.NoError(t, err)
	}
}

// TestAnEntryThatWasChangedInTheTable stops the next seal.
func TestAnEntryThatWasChangedInTheTable(t *testing.T) {
	t.Parallel()
	log, order, db, table := newTableLog(t)
	require.NoError(t, order.Append(t.Context(), issued(0, 3)))
	_, err := log.Seal(t.Context())
	require.NoError(t, err)
	changeEntry(t, db.Client, table, "saga-000001")
	require.NoError(t, order.Append(t.Context(), issued(3, 4)))
	_, err = log.Seal(t.Context())
	require.ErrorContains(t, err, "entry 1 is not what was signed")
}

// changeEntry changes one byte of an entry.
func changeEntry(t *testing.T, db *dynamodb.Client, table, id string) {
	t.Helper()
	ofID := expression.Name("sk").Equal(expression.Value(id))
	for item, err := range dynamo.Scan(t.Context(), db, table, ofID) {
		require.NoError(t, err)
		data := item["data"].(*types.AttributeValueMemberB).Value
		data[len(data)-2] ^= 1
		_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}

// TestABatchThatWasChangedInTheTable: of a batch whose entries are signed, two are swapped.
func TestABatchThatWasChangedInTheTable(t *testing.T) {
	t.Parallel()
	log, order, db, table := newTableLog(t)
	require.NoError(t, order.Append(t.Context(), issued(0, 3)))
	_, err := log.Seal(t.Context())
	require.NoError(t, err)
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table, Key: dynamo.Key("LOG", "BATCH#0000000000000000"),
	})
	require.NoError(t, err)
	entries := out.Item["entries"].(*types.AttributeValueMemberL).Value
	entries[0], entries[1] = entries[1], entries[0]
	_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: out.Item})
	require.NoError(t, err)
	require.NoError(t, order.Append(t.Context(), issued(3, 4)))
	_, err = log.Seal(t.Context())
	require.ErrorContains(t, err, "entry 0 is not what was signed")
}

// BenchmarkSeal signs 1,000 entries at a time, which are in a table.
func BenchmarkSeal(b *testing.B) {
	db := dynamotest.Client(b)
	log, _ := newLog(b)
	order := audit.New(db, audit.Config{Table: dynamotest.Tables(b, db).Audit, Now: now})
	log.Order = order
	for n := range b.N {
		b.StopTimer()
		if err := order.Append(b.Context(), issued(n*1000, n*1000+1000)); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := log.Seal(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "entries/s")
}
