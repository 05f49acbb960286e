package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func FuzzParseStock(f *testing.F) {
	f.Add("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	f.Add("/", []byte(`{"merchant_id":"m","on_hand":-1}`))
	f.Fuzz(func(t *testing.T, sku string, body []byte) {
		s, err := inventory.ParseStock(sku, body)
		if err != nil {
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, []int{400, 413, 422}, e.Status)
			return
		}
		require.GreaterOrEqual(t, s.OnHand, money.Quantity(0))
		require.True(t, gst.ValidSKU(sku) && gst.ValidMerchantID(s.MerchantID))
	})
}
