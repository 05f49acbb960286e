package audit_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func newLog(t *testing.T) (*audit.Log, *dynamotest.Faults) {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	return audit.NewLog(db, dynamotest.Tables(t, db.Client).Audit), db
}

func entries(from, to int) []audit.Entry {
	var all []audit.Entry
	for n := from; n < to; n++ {
		all = append(all, audit.Entry{MerchantID: "m", SagaID: fmt.Sprintf("saga-%03d", n), Action: "invoice.created", InvoiceID: strconv.Itoa(n)})
	}
	return all
}

// chain is the whole log, verified.
func chain(t *testing.T, l *audit.Log) []audit.Entry {
	t.Helper()
	all, err := l.List(t.Context(), "m", 0, 1000)
	require.NoError(t, err)
	require.NoError(t, audit.Verify(all, 0, ""))
	return all
}

func TestEachSagaHasOneEntry(t *testing.T) {
	l, _ := newLog(t)
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 3)))
	require.NoError(t, l.Append(t.Context(), "m", entries(1, 5)), "two of them are there already")
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 5)), "all of them")
	require.Len(t, chain(t, l), 5)
}

func TestEachEntryIsToldOnce(t *testing.T) {
	l, _ := newLog(t)
	told := map[string]int{}
	l = l.Telling(func(_ context.Context, e audit.Entry) { told[e.SagaID]++ })
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 3)))
	require.NoError(t, l.Append(t.Context(), "m", entries(1, 5)))
	require.Len(t, told, 5)
	for saga, times := range told {
		require.Equal(t, 1, times, saga)
	}
}

func TestABatchOverATransactionsSizeIsSplit(t *testing.T) {
	l, _ := newLog(t)
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 120)))
	require.Len(t, chain(t, l), 120)
}

func TestManyWritersMakeOneChain(t *testing.T) {
	l, _ := newLog(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for w := range 8 {
		wg.Go(func() { errs[w] = l.Append(t.Context(), "m", entries(w*5, w*5+10)) }) // each overlaps the next
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, chain(t, l), 45)
}

func TestLostWriteAndLostReply(t *testing.T) {
	for _, applied := range []bool{false, true} {
		l, db := newLog(t)
		require.NoError(t, l.Append(t.Context(), "m", entries(0, 1)))
		db.Hook, _ = dynamotest.Nth(1, applied)
		require.NoError(t, l.Append(t.Context(), "m", entries(1, 4)))
		require.Len(t, chain(t, l), 4)
	}
}

func TestChainGoesOnAfterItsHeadWasDeleted(t *testing.T) {
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Audit
	l := audit.NewLog(db, table)
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 3)))
	_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "AUDIT#m"}, "sk": &types.AttributeValueMemberS{Value: "HEAD"},
	}})
	require.NoError(t, err)
	require.NoError(t, l.Append(t.Context(), "m", entries(2, 5)))
	require.Len(t, chain(t, l), 5)
}

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	l, _ := newLog(t)
	require.NoError(t, l.Append(t.Context(), "m", entries(0, 4)))
	for name, tamper := range map[string]func([]audit.Entry) []audit.Entry{
		"changed": func(e []audit.Entry) []audit.Entry { e[1].Total++; return e },
		"removed": func(e []audit.Entry) []audit.Entry { return append(e[:1], e[2:]...) },
		"swapped": func(e []audit.Entry) []audit.Entry { e[1], e[2] = e[2], e[1]; return e },
		"rehashed": func(e []audit.Entry) []audit.Entry {
			e[1].Total++
			e[1].Hash = e[2].PrevHash
			return e
		},
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, audit.Verify(tamper(chain(t, l)), 0, "")) })
	}
}

func ExampleVerify() {
	entries := []audit.Entry{{Seq: 2, SagaID: "b", PrevHash: "of the first"}}
	fmt.Println(audit.Verify(entries, 0, ""))
	// Output: audit entry 2 does not follow entry 0
}
