package gst_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// many lines of one kind, with more fields of the request.
func many(n int, line, more string) string {
	lines := strings.TrimSuffix(strings.Repeat(line+",", n), ",")
	return fmt.Sprintf(`{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26",%s"items":[%s]}`, more, lines)
}

func TestStockLinesNeverOverflow(t *testing.T) {
	const line = `{"sku":"A","quantity":9999999999.999,"unit_price":0,"gst_rate":0}`
	require.Equal(t, []gst.StockLine{{SKU: "A", Quantity: 9_999_999_999_999_000}}, parse(t, many(gst.MaxItems, line, "")).StockLines())

	_, _, fields := refusal(t, many(1, strings.Replace(line, "9999999999.999", "10000000000", 1), ""))
	require.Equal(t, map[string]string{"items[0].quantity": "out_of_range"}, fields)
}

func TestWhatIsAcceptedCanBeReadBack(t *testing.T) {
	for name, body := range map[string]string{
		"the most there can be":           many(1, `{"quantity":1,"unit_price":1000000000000,"gst_rate":0}`, ""),
		"the buyer pays as much tax":      many(1, `{"quantity":1,"unit_price":1000000000000,"gst_rate":100}`, `"reverse_charge":true,`),
		"a great deal at a thousandth":    many(1, `{"quantity":0.001,"unit_price":999999999999.999,"gst_rate":18}`, ""),
		"a total without lines":           many(0, "", `"total_amount":1000000000000,`),
		"a thousand lines of next to nil": many(gst.MaxItems, `{"quantity":0.001,"unit_price":0.001,"gst_rate":18}`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			inv := assess(t, body)
			b, err := json.Marshal(inv)
			require.NoError(t, err)
			var back gst.Invoice
			require.NoError(t, json.Unmarshal(b, &back))
			require.Equal(t, inv, back)
		})
	}
}

func TestTotalsBeyondTheBoundAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"one line":                 many(1, `{"quantity":2,"unit_price":1000000000000,"gst_rate":0}`, ""),
		"128 bits":                 many(1, `{"quantity":9999999999.999,"unit_price":999999999999.999,"gst_rate":0}`, ""),
		"many lines":               many(2, `{"quantity":1,"unit_price":600000000000,"gst_rate":0}`, ""),
		"with the tax":             many(1, `{"quantity":1,"unit_price":1000000000000,"gst_rate":18}`, ""),
		"cess that the buyer pays": many(2, `{"quantity":1,"unit_price":0,"gst_rate":0,"cess_amount":600000000000}`, `"reverse_charge":true,`),
		"cess of a thousand lines": many(gst.MaxItems, `{"quantity":1,"unit_price":0,"gst_rate":0,"cess_amount":1000000000000}`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gst.Assess(parse(t, body), seller)
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 422, e.Status)
			require.Equal(t, "out_of_range", e.Fields[0].Code)
		})
	}
}

func TestEveryWrongLineIsNamed(t *testing.T) {
	body := strings.Replace(many(3, `{"quantity":1,"unit_price":1,"gst_rate":18,"discount":2}`, ""), `"discount":2`, `"discount":1`, 1)
	_, err := gst.Assess(parse(t, body), seller)
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Len(t, e.Fields, 2)
	require.Equal(t, "items[1].discount", e.Fields[0].Field)
	require.Equal(t, "items[2].discount", e.Fields[1].Field)
}
