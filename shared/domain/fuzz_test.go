package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(literal))
	f.Add([]byte(lined))
	f.Add([]byte(one("0.333", "10.005", "40", `"reverse_charge":true,"supply_type":"SEZWP","total_amount":"4",`)))
	f.Add([]byte(`{"items":[{"quantity":1e400}]}`))
	f.Add([]byte(`{"buyer_name":"\ud83e\udd6d\ud83e"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := domain.ParseRequest(body)
		if err != nil {
			refusedProperly(t, err)
			return
		}
		require.True(t, json.Valid(body))
		again, err := domain.ParseRequest(req.Canonical())
		require.NoError(t, err, "%s", req.Canonical())
		require.Equal(t, string(req.Canonical()), string(again.Canonical()))
		for _, l := range req.StockLines() {
			require.Positive(t, l.Quantity)
		}
		inv, err := domain.Assess(req, seller)
		if err != nil {
			refusedProperly(t, err)
			return
		}
		booksBalance(t, inv)
		b, err := json.Marshal(inv)
		require.NoError(t, err)
		var back domain.Invoice
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, inv, back)
	})
}

func refusedProperly(t *testing.T, err error) {
	t.Helper()
	var e *domain.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, domain.Invalid, e.Kind)
	require.NotEmpty(t, e.Code)
	require.Contains(t, []int{400, 413, 422}, e.Status)
}

// booksBalance: lines and totals add up, whatever was asked for.
func booksBalance(t *testing.T, inv domain.Invoice) {
	t.Helper()
	sum := domain.Totals{RoundOff: inv.Totals.RoundOff, Total: inv.Totals.RoundOff}
	for _, l := range inv.Items {
		require.Equal(t, l.CGST, l.SGST)
		require.True(t, l.CGST == 0 || l.IGST == 0)
		require.GreaterOrEqual(t, l.TaxableValue, domain.Paise(0))
		sum.TaxableValue += l.TaxableValue
		sum.CGST += l.CGST
		sum.SGST += l.SGST
		sum.IGST += l.IGST
		sum.Cess += l.CessAmount
		sum.Total += l.Total
	}
	if len(inv.Items) == 0 {
		sum.Total = inv.Totals.Total
	}
	require.Equal(t, sum, inv.Totals)
	require.LessOrEqual(t, max(sum.RoundOff, -sum.RoundOff), domain.Paise(100))
}

func FuzzParseMerchant(f *testing.F) {
	f.Add("m", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN","compliance":"advise"}`))
	f.Add("", []byte(`{"gstin":"0717UNO00211UN2"}`))
	f.Fuzz(func(t *testing.T, id string, body []byte) {
		m, err := domain.ParseMerchant(id, body)
		if err != nil {
			refusedProperly(t, err)
			return
		}
		require.True(t, m.GSTIN.Checks())
		require.True(t, domain.ValidMerchantID(m.ID))
		require.NotEmpty(t, m.Name)
		require.Contains(t, []string{domain.Strict, domain.Advise}, m.Compliance)
	})
}

func FuzzParseStock(f *testing.F) {
	f.Add("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	f.Add("/", []byte(`{"merchant_id":"m","on_hand":-1}`))
	f.Fuzz(func(t *testing.T, sku string, body []byte) {
		s, err := domain.ParseStock(sku, body)
		if err != nil {
			refusedProperly(t, err)
			return
		}
		require.GreaterOrEqual(t, s.OnHand, domain.Quantity(0))
		require.True(t, domain.ValidSKU(sku) && domain.ValidMerchantID(s.MerchantID))
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("2025-11-26")
	f.Add("2025-02-30")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := domain.ParseDate(s)
		if err != nil {
			return
		}
		require.Equal(t, s, string(d))
		require.Len(t, d.FinancialYear(), 4)
		require.Equal(t, d.FinancialYear(), d.FinancialYearName()[2:4]+d.FinancialYearName()[5:])
	})
}
