package crash_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// TestItemsDeletedByHand deletes each item of a crashed or completed sale, one at a time.
// The promises need all items, but the saga still ends or becomes stuck, the stock adds up,
// the client gets an answer, and no message or saga is retried forever.
//
//nolint:tparallel // the cases share one fixture
func TestItemsDeletedByHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "1")
	const commit = "create-invoice TransactWriteItems platform #1"
	for _, crashed := range []crash.Fault{
		{}, {Write: commit, How: crash.DiesBefore}, {Write: commit, How: crash.DiesAfter},
	} {
		for i := 0; ; i++ {
			left := f.crashedSale(t, crashed)
			if i >= len(left) {
				break
			}
			t.Run(fmt.Sprintf("%s/%s", crashed, left[i].name), func(t *testing.T) { f.without(t, left[i]) })
		}
	}
}

// storedItem is an item with its table and key.
type storedItem struct {
	name, table string
	key, item   map[string]types.AttributeValue
}

// crashedSale runs a sale with a fault and lists the items that it leaves.
func (f *fixture) crashedSale(t *testing.T, fault crash.Fault) []storedItem {
	t.Helper()
	f.begin(t)
	f.Arm([]crash.Fault{fault})
	f.Post(uuid(1), f.sale("A-1"))
	if fault.Write == "" {
		f.Settle()
	}
	f.Arm(nil)
	var found []storedItem
	for _, table := range []string{f.tables.Platform, f.tables.Invoices, f.tables.Inventory, f.tables.Audit} {
		for p := dynamodb.NewScanPaginator(f.db, &dynamodb.ScanInput{TableName: &table}); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			require.NoError(t, err)
			for _, item := range page.Items {
				if belongsTo(item, f.seller) {
					key := map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}
					found = append(found, storedItem{kind(item["pk"]) + " " + kind(item["sk"]), table, key, item})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b storedItem) int { return strings.Compare(a.name, b.name) })
	return found
}

// kind returns the part of a key before its first #, which is the same in each run.
func kind(v types.AttributeValue) string {
	k, _, _ := strings.Cut(dynamo.Text(v), "#")
	if strings.Contains(k, "-") {
		return "copy"
	}
	return k
}

// belongsTo reports whether an attribute of an item contains the seller.
func belongsTo(item map[string]types.AttributeValue, seller string) bool {
	for _, v := range item {
		if s := dynamo.Text(v); s == seller || len(s) > len(seller) && slices.Contains(strings.Split(s, "#"), seller) {
			return true
		}
	}
	return false
}

// restore puts back an item without which a saga cannot be compensated. Before, the saga
// must be STUCK; afterwards recovery completes its compensation.
func (f *fixture) restore(t *testing.T, gone storedItem) {
	t.Helper()
	stuck, err := f.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, stuck, 1, "a saga that cannot end is stuck")
	_, err = f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &gone.table, Item: gone.item})
	require.NoError(t, err)
	require.NoError(t, f.Recover(t.Context(), f.db))
}

// without deletes an item and checks that the system still settles.
func (f *fixture) without(t *testing.T, gone storedItem) {
	t.Helper()
	_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &gone.table, Key: gone.key})
	require.NoError(t, err)
	if err := f.Recover(t.Context(), f.db); err != nil {
		f.restore(t, gone)
	}
	answer := f.Post(uuid(1), f.sale("A-1"))
	require.NotZero(t, answer.Status)
	require.NotEqual(t, 500, answer.Status, "%+v", answer)
	require.NoError(t, f.Recover(t.Context(), f.db))
	due, err := f.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
	require.Contains(t, []int{201, 404, 409, 422}, answer.Status, "%+v", answer)
	if level, err := f.stock.Get(t.Context(), caller.ActingFor(f.seller), "SKU"); err == nil && level.OnHand > 0 {
		require.EqualValues(t, 10_000, level.OnHand+level.Reserved+level.Sold)
	}
	all := f.issued(t)
	require.LessOrEqual(t, len(all), 2)
	for _, inv := range all {
		r, err := f.sagas.Load(t.Context(), inv.SagaID)
		require.True(t, err != nil || r.State == saga.Completed, "%s", r.State)
	}
}
