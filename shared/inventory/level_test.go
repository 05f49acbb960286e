package inventory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// remove deletes an item by hand.
func (w warehouse) remove(t *testing.T, pk, sk string) {
	t.Helper()
	_, err := w.db.API.(*dynamodb.Client).DeleteItem(context.Background(), &dynamodb.DeleteItemInput{
		TableName: &w.table, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
		},
	})
	require.NoError(t, err)
}

func TestSetOnHandLeavesTheOtherColumns(t *testing.T) {
	w := newWarehouse(t)
	st, err := w.SetOnHand(t.Context(), merchant, "A", 10)
	require.NoError(t, err)
	require.Equal(t, inventory.Level{MerchantID: merchant, SKU: "A", OnHand: 10}, st)

	require.NoError(t, w.Reserve(t.Context(), order("s1", 3, "A")))
	require.NoError(t, w.Reserve(t.Context(), order("s2", 2, "A")))
	require.NoError(t, w.Confirm(t.Context(), "s2"))
	st, err = w.SetOnHand(t.Context(), merchant, "A", 100)
	require.NoError(t, err)
	require.Equal(t, inventory.Level{MerchantID: merchant, SKU: "A", OnHand: 100, Reserved: 3, Sold: 2}, st)
	got, err := w.Get(t.Context(), merchant, "A")
	require.NoError(t, err)
	require.Equal(t, st, got)
}

func TestSetOnHandRefusesWhatIsMalformed(t *testing.T) {
	w := newWarehouse(t)
	for name, tc := range map[string]struct {
		merchant, sku string
		n             money.Quantity
	}{
		"no merchant": {"", "A", 1}, "no SKU": {merchant, "", 1}, "a SKU with the separator": {merchant, "A#B", 1},
		"negative": {merchant, "A", -1}, "too large": {merchant, "A", 1e16 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.SetOnHand(t.Context(), tc.merchant, tc.sku, tc.n)
			require.Equal(t, "invalid_stock", code(err))
		})
	}
	require.Empty(t, w.picture(t))
}

func TestGetOfAnUnknownSKU(t *testing.T) {
	_, err := newWarehouse(t).Get(t.Context(), merchant, "A")
	var known *problem.Error
	require.ErrorAs(t, err, &known)
	require.Equal(t, problem.NotFound, known.Kind)
}

// The count lands, its reply is lost, somebody reserves, the count is sent again:
// it must not give back what was reserved.
func TestARepeatedCountKnowsItself(t *testing.T) {
	w := newWarehouse(t)
	calls := 0
	w.db.set(func(operation string) (bool, error) {
		if operation != "UpdateItem" {
			return true, nil
		}
		calls++
		if calls == 1 {
			return true, errLost
		}
		require.NoError(t, inventory.New(w.db.API, inventory.Config{Table: w.table}, nil).Reserve(t.Context(), order("s", 4, "A")))
		return true, nil
	})
	st, err := w.SetOnHand(t.Context(), merchant, "A", 10)
	require.NoError(t, err)
	require.Equal(t, 2, calls)
	require.Equal(t, [3]money.Quantity{6, 4, 0}, [3]money.Quantity{st.OnHand, st.Reserved, st.Sold})
}

var errLost = errors.New("read: connection reset by peer")
