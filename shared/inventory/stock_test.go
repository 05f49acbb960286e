package inventory_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseStock(t *testing.T) {
	t.Parallel()
	s, err := inventory.ParseStock("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	require.NoError(t, err)
	require.Equal(t, inventory.Stock{MerchantID: "m", OnHand: 2500}, s)
	for _, body := range []string{
		`{}`, `{"merchant_id":"m","on_hand":-1}`, `{"merchant_id":"m","on_hand":0.0001}`, `{"merchant_id":"","on_hand":1}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			_, err := inventory.ParseStock("SKU", []byte(body))
			require.Error(t, err)
		})
	}
}

func FuzzParseStock(f *testing.F) {
	f.Add("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	f.Add("/", []byte(`{"merchant_id":"m","on_hand":-1}`))
	f.Fuzz(func(t *testing.T, sku string, body []byte) {
		s, err := inventory.ParseStock(sku, body)
		if err != nil {
			e, ok := errors.AsType[*problem.Error](err)
			require.True(t, ok, "%v", err)
			require.Contains(t, []int{400, 413, 422}, e.Status)
			return
		}
		require.GreaterOrEqual(t, s.OnHand, money.Quantity(0))
		require.True(t, gst.ValidSKU(sku) && gst.ValidMerchantID(s.MerchantID))
	})
}
