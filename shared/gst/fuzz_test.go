package gst_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(literal))
	f.Add([]byte(lined))
	f.Add([]byte(oneLine("0.333", "10.005", "40", `"reverse_charge":true,"supply_type":"SEZWP","total_amount":"4",`)))
	f.Add([]byte(edit(lined, `"quantity":1,`, `"quantity":1,"nature":"nil","reverse_charge":true,"free_quantity":1,`)))
	f.Add([]byte(oneLine("3", "9.999", `28,"cess_rate":22,"cess_fixed":1,"discount_percent":0.5`, inclusive)))
	f.Add([]byte(oneLine("3", "9.999", "28", freight+`"discount":1,"tcs":{"rate":0.1},`)))
	f.Add([]byte(oneLine("1", "1", "18", buyerIn29+shownFields())))
	f.Add([]byte(`{"items":[{"quantity":1e400}]}`))
	f.Add([]byte(`{"buyer_name":"\ud83e\udd6d\ud83e"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := gst.ParseRequest(body)
		if err != nil {
			requireInvalid(t, err)
			return
		}
		require.True(t, json.Valid(body))
		again, err := gst.ParseRequest(req.Canonical())
		require.NoError(t, err, "%s", req.Canonical())
		require.Equal(t, string(req.Canonical()), string(again.Canonical()))
		for _, l := range req.StockLines() {
			require.Positive(t, l.Quantity)
		}
		inv, err := gst.Assess(req, seller, "")
		if err != nil {
			requireInvalid(t, err)
			return
		}
		requireBalanced(t, inv)
		requireRoundTrip(t, inv)
	})
}

// requireInvalid checks that err is a refusal that an API caller can read.
func requireInvalid(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, problem.Invalid, e.Kind)
	require.NotEmpty(t, e.Code)
	require.Contains(t, []int{400, 413, 422}, e.Status)
}

// requireBalanced checks that lines and totals add up.
func requireBalanced(t *testing.T, inv gst.Invoice) {
	t.Helper()
	sum := gst.Totals{RoundOff: inv.Totals.RoundOff, Total: inv.Totals.RoundOff}
	for _, l := range inv.Items {
		require.Equal(t, l.CGST, l.SGST)
		require.True(t, l.CGST == 0 || l.IGST == 0)
		require.GreaterOrEqual(t, l.TaxableValue, money.Paise(0))
		sum.TaxableValue += l.TaxableValue
		sum.CGST += l.CGST
		sum.SGST += l.SGST
		sum.IGST += l.IGST
		sum.Cess += l.CessAmount + l.CessFixed + l.CessByRate
		sum.Total += l.Total
		if inv.ReverseCharge || l.ReverseCharge {
			sum.ReverseCharge += l.CGST + l.SGST + l.IGST + l.CessAmount + l.CessFixed + l.CessByRate
		}
	}
	for _, c := range inv.OtherCharges {
		sum.TaxableValue += c.TaxableValue
		sum.CGST, sum.SGST, sum.IGST = sum.CGST+c.CGST, sum.SGST+c.SGST, sum.IGST+c.IGST
		sum.Total += c.Total
		if inv.ReverseCharge {
			sum.ReverseCharge += c.CGST + c.SGST + c.IGST
		}
	}
	sum.Discount, sum.TCS = inv.Discount, inv.Totals.TCS
	sum.Total += sum.TCS - sum.Discount
	if len(inv.Items) == 0 {
		sum.Total = inv.Totals.Total
	}
	require.Equal(t, sum, inv.Totals)
	if len(inv.Items) > 0 {
		parts := sum.TaxableValue + sum.CGST + sum.SGST + sum.IGST + sum.Cess - sum.ReverseCharge + sum.RoundOff -
			sum.Discount + sum.TCS
		require.Equal(t, sum.Total, parts)
	}
	require.LessOrEqual(t, max(sum.RoundOff, -sum.RoundOff), money.Paise(100))
}
