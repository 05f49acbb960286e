package inventory_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/inventory"
)

// listed returns the SKUs of all pages of a merchant's stock, and the number of pages.
func (f fixture) listed(t *testing.T, merchant string, limit int) (skus []string, pages int) {
	t.Helper()
	for cursor := ""; ; {
		levels, next, err := f.List(t.Context(), caller.ActingFor(merchant), cursor, limit)
		require.NoError(t, err)
		for _, l := range levels {
			require.Equal(t, merchant, l.MerchantID)
			skus = append(skus, l.SKU)
		}
		pages++
		if cursor = next; next == "" {
			return skus, pages
		}
	}
}

func TestListsStockByMerchantAndSKU(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10_000, "B", "A/1", "a", "A-1")
	_, err := f.SetOnHand(t.Context(), merchant+"0", "A", 1)
	require.NoError(t, err)
	require.NoError(t, f.Reserve(t.Context(), order("saga-1", 3_000, "A/1", "B")))
	for limit, pages := range map[int]int{1: 5, 3: 2, 100: 1} {
		skus, n := f.listed(t, merchant, limit)
		require.Equal(t, []string{"A-1", "A/1", "B", "a"}, skus)
		require.Equal(t, pages, n)
	}
	levels, _, err := f.List(t.Context(), caller.ActingFor(merchant), "", 2)
	require.NoError(t, err)
	want := inventory.Level{MerchantID: merchant, SKU: "A/1", OnHand: 7_000, Reserved: 3_000, Version: 2}
	require.Equal(t, want, levels[1])
	skus, _ := f.listed(t, "none", 10)
	require.Empty(t, skus)
}

func TestStockCursorsBelongToOneMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 1, "A", "B")
	_, cursor, err := f.List(t.Context(), caller.ActingFor(merchant), "", 1)
	require.NoError(t, err)
	_, _, err = f.List(t.Context(), caller.ActingFor("other"), cursor, 1)
	require.Equal(t, "cursor_invalid", code(err))
	_, _, err = f.List(t.Context(), caller.ActingFor(merchant), listing.Cursor(merchant, "A B"), 1)
	require.Equal(t, "cursor_invalid", code(err))
}

// TestStockOfAReleasedVersionIsListed: at its next count, or by the backfill, which leaves the
// levels as they are and adds each SKU once.
func TestStockOfAReleasedVersionIsListed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10_000, "A", "B", "C")
	require.NoError(t, f.Reserve(t.Context(), order("saga-1", 3_000, "A")))
	for _, sku := range []string{"A", "B"} {
		_, err := f.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &f.table, Key: dynamo.Key("STOCK#"+merchant+"#"+sku, "STOCK"),
			UpdateExpression: aws.String("REMOVE stock_of"),
		})
		require.NoError(t, err)
	}
	skus, _ := f.listed(t, merchant, 10)
	require.Equal(t, []string{"C"}, skus)
	f.stock(t, 5_000, "B")
	skus, _ = f.listed(t, merchant, 10)
	require.Equal(t, []string{"B", "C"}, skus)
	for _, added := range []int{1, 0} {
		n, err := inventory.Backfill{DB: f.client, Table: f.table}.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, added, n)
	}
	skus, _ = f.listed(t, merchant, 10)
	require.Equal(t, []string{"A", "B", "C"}, skus)
	require.EqualValues(t, 7_000, f.level(t, "A")[0])
	require.EqualValues(t, 3_000, f.level(t, "A")[1])
}
