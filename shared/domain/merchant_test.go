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
	for gstin, code := range map[string]string{
		"27aabcu9603r1zn": "gstin_malformed", "27AABCU9603R1ZX": "gstin_checksum", "0717UNO00211UN2": "gstin_class",
		"28AABCU9603R1ZL": "state_unknown", "9917SGP29001OST": "gstin_class", "29AABCF8078M1C8": "gstin_class",
	} {
		_, err := domain.ParseMerchant("m-1", []byte(`{"name":"X","gstin":"`+gstin+`"}`))
		var e *domain.Error
		require.ErrorAs(t, err, &e, gstin)
		require.Equal(t, code, e.Fields[0].Code, gstin)
		require.Equal(t, 422, e.Status)
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
