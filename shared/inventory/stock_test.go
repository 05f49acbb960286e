package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/inventory"
)

func TestParseStock(t *testing.T) {
	s, err := inventory.ParseStock("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	require.NoError(t, err)
	require.Equal(t, inventory.Stock{MerchantID: "m", OnHand: 2500}, s)
	for _, body := range []string{
		`{}`, `{"merchant_id":"m","on_hand":-1}`, `{"merchant_id":"m","on_hand":0.0001}`, `{"merchant_id":"","on_hand":1}`,
	} {
		t.Run(body, func(t *testing.T) {
			_, err := inventory.ParseStock("SKU", []byte(body))
			require.Error(t, err)
		})
	}
}
