package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

func TestMerchantAndStockBodies(t *testing.T) {
	m, err := domain.ParseMerchant("m-1", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.NoError(t, err)
	require.Equal(t, domain.Strict, m.Compliance, "unless advise is asked for")
	for _, body := range []string{`{}`, `{"name":"X","gstin":"27AABCU9603R1ZX"}`, `{"name":"X","gstin":"28AABCU9603R1ZL"}`, `{"name":"X","gstin":"27AABCU9603R1ZN","compliance":"lax"}`, `{"name":"X","gstin":"27AABCU9603R1ZN","x":1}`} {
		_, err := domain.ParseMerchant("m-1", []byte(body))
		require.Error(t, err, body)
	}
	_, err = domain.ParseMerchant("no spaces", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.Error(t, err)
	s, err := domain.ParseStock("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	require.NoError(t, err)
	require.Equal(t, domain.Stock{MerchantID: "m", OnHand: 2500}, s)
	for _, body := range []string{`{}`, `{"merchant_id":"m","on_hand":-1}`, `{"merchant_id":"m","on_hand":0.0001}`, `{"merchant_id":"","on_hand":1}`} {
		_, err := domain.ParseStock("SKU", []byte(body))
		require.Error(t, err, body)
	}
}
