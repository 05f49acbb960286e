package crash_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// TestItemsDeletedByHand deletes each item that a crashed or a finished sale left,
// one at a time. No promise can stand on an item that is gone, but whatever is left
// still ends, or is stuck for an operator to see; stock adds up; the client gets an
// answer; and nothing goes round for ever.
//
//nolint:tparallel // the cases share one bed
func TestItemsDeletedByHand(t *testing.T) {
	t.Parallel()
	b := newBed(t, "1")
	for _, crashed := range []crash.Fault{{}, {Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesBefore}, {Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesAfter}} {
		for i := 0; ; i++ {
			left := b.crashedSale(t, crashed)
			if i >= len(left) {
				break
			}
			t.Run(fmt.Sprintf("%s/%s", crashed, left[i].name), func(t *testing.T) { b.without(t, left[i]) })
		}
	}
}

// place of an item.
type place struct {
	name, table string
	key, item   map[string]types.AttributeValue
}

// crashedSale leaves what a sale leaves that met a fault, and lists its items.
func (b *bed) crashedSale(t *testing.T, fault crash.Fault) []place {
	t.Helper()
	b.begin(t)
	b.Arm([]crash.Fault{fault})
	b.Post(uuid(1), b.sale("A-1"))
	if fault.Write == "" {
		b.Settle()
	}
	b.Arm(nil)
	var found []place
	for _, table := range []string{b.tables.Platform, b.tables.Invoices, b.tables.Inventory, b.tables.Audit} {
		for p := dynamodb.NewScanPaginator(b.db, &dynamodb.ScanInput{TableName: &table}); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			require.NoError(t, err)
			for _, item := range page.Items {
				if mine(item, b.seller) {
					found = append(found, place{kind(item["pk"]) + " " + kind(item["sk"]), table, map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}, item})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b place) int { return strings.Compare(a.name, b.name) })
	return found
}

// kind of a key: what stands before its first #, which is the same in each run.
func kind(v types.AttributeValue) string {
	k, _, _ := strings.Cut(text(v), "#")
	if strings.Contains(k, "-") {
		return "copy"
	}
	return k
}

func text(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// mine tells whether an item speaks of the seller.
func mine(item map[string]types.AttributeValue, seller string) bool {
	for _, v := range item {
		if s := text(v); s == seller || len(s) > len(seller) && slices.Contains(strings.Split(s, "#"), seller) {
			return true
		}
	}
	return false
}

// restored puts an item back without which a saga cannot be undone: it is STUCK, for
// an operator to see, and goes on by itself once the item is there again.
func (b *bed) restored(t *testing.T, gone place) {
	t.Helper()
	stuck, err := b.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, stuck, 1, "what cannot end is stuck")
	_, err = b.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &gone.table, Item: gone.item})
	require.NoError(t, err)
	require.NoError(t, b.Recover(t.Context(), b.db))
}

func (b *bed) without(t *testing.T, gone place) {
	t.Helper()
	_, err := b.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &gone.table, Key: gone.key})
	require.NoError(t, err)
	if err := b.Recover(t.Context(), b.db); err != nil {
		b.restored(t, gone)
	}
	answer := b.Post(uuid(1), b.sale("A-1"))
	require.NotZero(t, answer.Status)
	require.NotEqual(t, 500, answer.Status, "%+v", answer)
	require.NoError(t, b.Recover(t.Context(), b.db))
	due, err := b.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
	require.Contains(t, []int{201, 404, 409, 422}, answer.Status, "%+v", answer)
	if level, err := b.stock.Get(t.Context(), b.seller, "SKU"); err == nil && level.OnHand > 0 {
		require.EqualValues(t, 10_000, level.OnHand+level.Reserved+level.Sold)
	}
	all, _, err := b.invoices.List(t.Context(), b.seller, "", 100)
	require.NoError(t, err)
	require.LessOrEqual(t, len(all), 2)
	for _, inv := range all {
		r, err := b.sagas.Load(t.Context(), inv.SagaID)
		require.True(t, err != nil || r.State == saga.Completed, "%s", r.State)
	}
}
