package gst_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// literal is the request that integrators already send.
const literal = `{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN",
       "invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`

const lined = `{"series":"S","seller_merchant_id":"m","buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26","items":[` +
	`{"sku":"A","description":"x","hsn":"732393","quantity":"2.5","unit":"KGS","unit_price":"10.125","discount":1,"gst_rate":18},` +
	`{"sku":"A","quantity":1,"unit_price":1,"gst_rate":0},{"sku":"B","quantity":1,"unit_price":1,"gst_rate":0.25}]}`

func parse(t *testing.T, body string) gst.Request {
	t.Helper()
	req, err := gst.ParseRequest([]byte(body))
	require.NoError(t, err)
	return req
}

// refusal of a body: its status and code, and every field with its code.
func refusal(t *testing.T, body string) (int, string, map[string]string) {
	t.Helper()
	_, err := gst.ParseRequest([]byte(body))
	var e *problem.Error
	require.True(t, errors.As(err, &e), "%v", err)
	require.Equal(t, problem.Invalid, e.Kind)
	fields := map[string]string{}
	for _, f := range e.Fields {
		fields[f.Field] = f.Code
	}
	return e.Status, e.Code, fields
}

func TestTheLiteralRequestParses(t *testing.T) {
	req := parse(t, literal)
	require.Equal(t, "TEST-001", req.InvoiceNumber)
	require.EqualValues(t, 1500000, *req.TotalAmount)
	require.Equal(t, gst.TypeInvoice, req.DocumentType)
}

func TestStockLinesAddUpBySKU(t *testing.T) {
	require.Equal(t, []gst.StockLine{{SKU: "A", Quantity: 3500}, {SKU: "B", Quantity: 1000}}, parse(t, lined).StockLines())
}

func TestCanonicalIsTheSameForTheSameMeaning(t *testing.T) {
	for _, other := range []string{
		strings.Replace(literal, "15000", `"15000.00"`, 1),
		strings.Replace(literal, `"items":[]`, `"items":[],"document_type":"INV","reverse_charge":false,"buyer_name":null`, 1),
		strings.Replace(strings.Replace(literal, `"invoice_number":"TEST-001",`, "", 1), `"items"`, `"invoice_number":"TEST-001","items"`, 1),
	} {
		require.Equal(t, string(parse(t, literal).Canonical()), string(parse(t, other).Canonical()))
	}
	require.NotEqual(t, string(parse(t, literal).Canonical()), string(parse(t, strings.Replace(literal, "15000", "15000.01", 1)).Canonical()))
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	status, code, fields := refusal(t, `{"invoice_number":"no spaces!","invoice_date":"2025-02-30","due_date":"x","total_amount":-1,
		"place_of_supply":"25x","items":[{"quantity":0,"unit_price":"1.2345","gst_rate":101,"unit":"XXX","hsn":"1"}]}`)
	require.Equal(t, 422, status)
	require.Equal(t, "invalid_request", code)
	require.Equal(t, map[string]string{
		"invoice_number": "number_malformed", "invoice_date": "date_invalid", "due_date": "date_invalid", "total_amount": "out_of_range",
		"place_of_supply": "state_unknown", "seller_merchant_id": "required", "items[0].quantity": "out_of_range",
		"items[0].unit_price": "too_many_decimals", "items[0].gst_rate": "out_of_range", "items[0].unit": "unit_unknown", "items[0].hsn": "hsn_malformed",
	}, fields)
}

func TestThousandLinesAreTakenOneMoreIsNot(t *testing.T) {
	line := `{"quantity":1,"unit_price":1,"gst_rate":18}`
	body := func(n int) string {
		return strings.Replace(lined, lined[strings.Index(lined, "[")+1:strings.LastIndex(lined, "]")], strings.TrimSuffix(strings.Repeat(line+",", n), ","), 1)
	}
	require.Len(t, parse(t, body(1000)).Items, 1000)
	_, _, fields := refusal(t, body(1001))
	require.Equal(t, map[string]string{"items": "too_many_items"}, fields)
}
