package domain_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

// literal is the request that integrators already send.
const literal = `{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN",
       "invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`

const lined = `{"series":"S","seller_merchant_id":"m","buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26","items":[` +
	`{"sku":"A","description":"x","hsn":"732393","quantity":"2.5","unit":"KGS","unit_price":"10.125","discount":1,"gst_rate":18},` +
	`{"sku":"A","quantity":1,"unit_price":1,"gst_rate":0},{"sku":"B","quantity":1,"unit_price":1,"gst_rate":0.25}]}`

func parse(t *testing.T, body string) domain.Request {
	t.Helper()
	req, err := domain.ParseRequest([]byte(body))
	require.NoError(t, err)
	return req
}

// refusal of a body: its status and code, and every field with its code.
func refusal(t *testing.T, body string) (int, string, map[string]string) {
	t.Helper()
	_, err := domain.ParseRequest([]byte(body))
	var e *domain.Error
	require.True(t, errors.As(err, &e), "%v", err)
	require.Equal(t, domain.Invalid, e.Kind)
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
	require.Equal(t, domain.TypeInvoice, req.DocumentType)
}

func TestStockLinesAddUpBySKU(t *testing.T) {
	require.Equal(t, []domain.StockLine{{SKU: "A", Quantity: 3500}, {SKU: "B", Quantity: 1000}}, parse(t, lined).StockLines())
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

func TestMalformedBodies(t *testing.T) {
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
		fields map[string]string
	}{
		"empty":         {"", 400, "body_empty", nil},
		"blank":         {" \n", 400, "body_empty", nil},
		"half":          {`{"a":`, 400, "body_not_json", nil},
		"two values":    {`{} {}`, 400, "body_not_json", nil},
		"trailing":      {literal + "x", 400, "body_not_json", nil},
		"null":          {`null`, 400, "body_not_object", nil},
		"a string":      {`"x"`, 400, "body_not_object", nil},
		"not UTF-8":     {"{\"buyer_name\":\"\xff\"}", 400, "body_not_utf8", nil},
		"deep":          {strings.Repeat(`[`, 1000), 400, "body_too_deep", nil},
		"deep in items": {`{"items":[` + strings.Repeat(`{"a":`, 20) + `1` + strings.Repeat(`}`, 20) + `]}`, 400, "body_too_deep", nil},
		"large":         {`{"a":"` + strings.Repeat("x", domain.MaxBody) + `"}`, 413, "body_too_large", nil},
		"twice":         {`{"series":"A","series":"B"}`, 400, "duplicate_field", map[string]string{"series": "duplicate_field"}},
		"items no list": {strings.Replace(literal, `[]`, `{}`, 1), 400, "invalid_request", map[string]string{"items": "wrong_type"}},
		"typo":          {strings.Replace(literal, `"items"`, `"item"`, 1), 400, "invalid_request", map[string]string{"item": "unknown_field"}},
		"control":       {strings.Replace(literal, `"items"`, `"buyer_name":"a\u0000b","items"`, 1), 422, "invalid_request", map[string]string{"buyer_name": "control_character"}},
		"long name":     {strings.Replace(literal, `"items"`, `"buyer_name":"`+strings.Repeat("श", 101)+`","items"`, 1), 422, "invalid_request", map[string]string{"buyer_name": "too_long"}},
		"note of none":  {strings.Replace(literal, `"items"`, `"document_type":"CRN","items"`, 1), 422, "invalid_request", map[string]string{"original_invoice_number": "required"}},
		"no total":      {strings.Replace(literal, `"total_amount":15000,`, ``, 1), 422, "invalid_request", map[string]string{"total_amount": "required"}},
		"before GST":    {strings.Replace(literal, "2025-11-26", "2017-06-30", 1), 422, "invalid_request", map[string]string{"invoice_date": "date_invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, code, fields := refusal(t, tc.body)
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.code, code)
			if tc.fields != nil {
				require.Equal(t, tc.fields, fields)
			}
		})
	}
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

func TestSeriesNumber(t *testing.T) {
	n, err := domain.SeriesNumber("INV", "2526", 1)
	require.NoError(t, err)
	require.Equal(t, "INV/2526/0001", n)
	n, err = domain.SeriesNumber("ABCD", "2526", 999999)
	require.NoError(t, err)
	require.Len(t, n, 16)
	_, err = domain.SeriesNumber("ABCD", "2526", 1000000)
	require.ErrorIs(t, err, &domain.Error{Code: "series_exhausted"})
}

func TestFinancialYear(t *testing.T) {
	for day, year := range map[domain.Date]string{"2026-03-31": "2526", "2026-04-01": "2627", "2099-12-31": "9900", "2017-07-01": "1718"} {
		require.Equal(t, year, day.FinancialYear(), day)
	}
}

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

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(literal))
	f.Add([]byte(lined))
	f.Add([]byte(`{"items":[{"quantity":1e400}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := domain.ParseRequest(body)
		if err != nil {
			var e *domain.Error
			require.ErrorAs(t, err, &e)
			return
		}
		again, err := domain.ParseRequest(req.Canonical())
		require.NoError(t, err, "%s", req.Canonical())
		require.Equal(t, string(req.Canonical()), string(again.Canonical()))
		inv, err := domain.Assess(req, domain.Merchant{GSTIN: "27AABCU9603R1ZN", Compliance: domain.Advise})
		if err != nil {
			return
		}
		b, err := json.Marshal(inv)
		require.NoError(t, err)
		var back domain.Invoice
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, inv.Totals, back.Totals)
	})
}
