package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
)

// schema returns a schema of the API's description, such as `components/schemas/Invoice`.
func schema(t *testing.T, pointer string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(events.OpenAPI()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("urn:api", document))
	s, err := c.Compile("urn:api#/" + pointer)
	require.NoError(t, err)
	return s
}

// refusal returns the error of a parse function alone.
func refusal[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error { _, err := parse(s); return err }
}

// TestParametersAreAsStrictAsTheServer: schema and server accept the same texts.
func TestParametersAreAsStrictAsTheServer(t *testing.T) {
	t.Parallel()
	key := refusal(func(s string) (idempotency.Key, error) { return idempotency.ParseKey("", s) })
	for pointer, tc := range map[string]struct {
		parse func(string) error
		texts []any
	}{
		"components/parameters/IdempotencyKey":      {key, keys()},
		"paths/~1inventory~1{sku}/put/parameters/0": {key, keys()},
		"paths/~1inventory~1{sku}/put/parameters/1": {refusal(inventory.ParseIfMatch), versions()},
		"components/parameters/MerchantID":          {refusal(gst.ParseMerchantID), names()},
		"components/parameters/Merchant":            {refusal(gst.ParseMerchantID), names()},
		"components/parameters/SKU":                 {refusal(gst.ParseSKU), names()},
		"components/parameters/From":                {refusal(gst.ParseDate), dates()},
		"components/parameters/To":                  {refusal(gst.ParseDate), dates()},
		"components/parameters/BuyerGSTIN":          {refusal(gst.ParseGSTIN), gstins()},
	} {
		t.Run(pointer, func(t *testing.T) {
			t.Parallel()
			s := schema(t, pointer+"/schema")
			for _, text := range tc.texts {
				require.Equal(t, tc.parse(text.(string)) == nil, s.Validate(text) == nil, "%q", text)
			}
		})
	}
}

// body is a request that is valid, and values at the borders of its fields.
type body struct {
	schema, base string
	parse        func([]byte) error
	required     []string
	values       map[string][]any
}

func bodies() map[string]body {
	supplies := list("B2B", "B2C", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP", "DEXP", "SEZ", "b2b")
	signed := list("-0", "-0.0", "-1", "-0.001", "-10000000000000", "-10000000000000.001", json.Number("-1"))
	return map[string]body{
		"an invoice": {
			"InvoiceRequest", `{"series":"A","seller_merchant_id":"m","invoice_date":"2017-07-01","total_amount":1}`,
			parseInvoice,
			[]string{"seller_merchant_id", "invoice_date"},
			map[string][]any{
				"seller_merchant_id": names(), "series": series(), "buyer_gstin": gstins(), "invoice_date": dates(),
				"due_date": dates(), "place_of_supply": states(), "document_type": list("INV", "BOS", "inv", "CRM", 1),
				"supply_type": supplies, "buyer_name": lengths(100), "buyer_address": lengths(500),
				"reverse_charge": list(true, false, "true", 1), "prices_include_tax": list(true, "true"),
				"total_amount": decimals(2, "1000000000000"), "discount": list("0", "0.001", "-1"),
				"other_charges": list("x", []any{"x"}, []any{map[string]any{}}, []any{}), "tcs": list(map[string]any{}, "x", 1),
				"items": list([]any{}, "x", []any{"x"}, []any{map[string]any{}}), "unknown": list(1),
			},
		},
		"its number": {
			"InvoiceRequest", `{"invoice_number":"A","seller_merchant_id":"m","invoice_date":"2025-11-26","total_amount":1}`,
			parseInvoice, nil,
			map[string][]any{"invoice_number": numbers()},
		},
		"the number of a credit note's invoice": {
			"InvoiceRequest", `{"document_type":"CRN","series":"A","seller_merchant_id":"m","invoice_date":"2025-11-26",` +
				`"total_amount":1,"original_invoice_number":"A"}`,
			parseInvoice, nil,
			map[string][]any{
				"original_invoice_number": numbers(), "original_external": list(true, false, "true"),
				"original_invoice_date": list("2025-11-26", "2017-06-30", "2025-11-31x", 1), "restock": list(true, false, 1),
				"note_reason": list("sales_return", "other", "01", "Other", 1),
			},
		},
		"the id of a credit note's invoice": {
			"InvoiceRequest", `{"document_type":"CRN","series":"A","seller_merchant_id":"m","invoice_date":"2025-11-26",` +
				`"total_amount":1,"original_invoice_id":"5cc6f403-c9ae-80f9-bdd0-b43115a42a39"}`,
			parseInvoice, nil,
			map[string][]any{"original_invoice_id": list("5cc6f403-c9ae-80f9-bdd0-b43115a42a38",
				"5CC6F403-c9ae-80f9-bdd0-b43115a42a39", "5cc6f403c9ae80f9bdd0b43115a42a39", "A-1", 1)},
		},
		"a line": {
			"InvoiceRequest/properties/items/items", `{"quantity":1,"unit_price":1,"gst_rate":1}`,
			parseLine,
			[]string{"quantity", "unit_price", "gst_rate"},
			map[string][]any{
				"sku": names(), "description": lengths(300), "hsn": digits(), "is_service": list(true, "true"), "unit": units(),
				"quantity": decimals(3, "9999999999.999"), "unit_price": decimals(3, "10000000000000"),
				"discount": list("0", "0.01", "0.001", "-1"), "cess_amount": decimals(2, "1000000000000"),
				"gst_rate": decimals(2, "100"), "retail_sale_price": decimals(3, "10000000000000"), "unknown": list(1),
				"discount_percent": decimals(2, "100"), "cess_rate": decimals(2, "999.99"),
				"cess_fixed": decimals(2, "1000000000000"), "free_quantity": list("0", "1.001", "1.0001", "9999999998", "-1"),
				"reverse_charge": list(true, "true"),
				"batch":          lengths(20), "order_line": lengths(50), "origin_country": countries(),
				"nature": list("taxable", "Taxable", "zero", 1),
			},
		},
		"what an invoice shows": {
			"InvoiceRequest", `{"series":"A","seller_merchant_id":"m","invoice_date":"2017-07-01","total_amount":1}`,
			parseInvoice, nil,
			map[string][]any{
				"buyer_trade_name": lengths(100), "buyer_name_local": lengths(100), "buyer_city": cities(), "buyer_pin": pins(),
				"buyer_state": states(), "buyer_phone": list("12345", "123456", "123456789012", "1234567890123", "12 345 6"),
				"buyer_email":     list("a@b.in", "a@b", "@b.in", "a b@c.in", "a+b@c.d.in", strings.Repeat("a", 96)+"@b.in"),
				"buyer_reference": lengths(50),
				"igst_on_intra":   list(true, "true"), "reference": lengths(100), "purchase_order": lengths(100),
				"external_id": lengths(100), "notes": lengths(1000), "terms": lengths(2000),
				"ship_to": list("x", map[string]any{}, map[string]any{"name": "x"}),
				"export":  list("x", map[string]any{}), "transport": list("x", map[string]any{}),
				"period":   list("x", map[string]any{}, map[string]any{"from": "2025-11-26", "to": "2025-11-26"}),
				"metadata": list("x", map[string]any{}, pairs(50), pairs(51), map[string]any{"a b": "x"}, map[string]any{"a": 1}),
			},
		},
		"a place": {
			"InvoiceRequest/properties/ship_to", `{"name":"x","address":"y","city":"Pune","pin":"411001","state":"27"}`,
			parseParticular("ship_to"),
			[]string{"name", "address", "city", "pin", "state"},
			map[string][]any{
				"name": lengths(100), "address": lengths(500), "city": cities(), "pin": list("411001", "41101", "011001", 411001),
				"state": list("27", "1", "MH", "45"), "gstin": list("27AAACI1681G1ZP", "27AAACI1681G1Z", 27), "unknown": list(1),
			},
		},
		"an export": {
			"InvoiceRequest/properties/export", `{"currency":"INR"}`, parseParticular("export"), nil,
			map[string][]any{
				"shipping_bill_number": list("A1", "A-1", strings.Repeat("1", 20), strings.Repeat("1", 21)),
				"shipping_bill_date":   dates(), "port_code": list("INNSA1", "A", "INNSA-1", strings.Repeat("A", 11)),
				"country": countries(), "currency": list("INR", "inr", "RUP", "IN", 1),
				"total_in_currency": decimals(2, "1000000000000"),
				"exchange_rate": list("0", "0.000000", "0.000001", "0.0000001", "88.7125", "99999.999999", "100000",
					"100000.1", "1e2", true),
				"lut": lengths(30), "unknown": list(1),
			},
		},
		"a transport": {
			"InvoiceRequest/properties/transport", `{"mode":"road"}`, parseParticular("transport"), nil,
			map[string][]any{
				"transporter_id": list("27AAACI1681G1ZP", "27aaaci1681g1zp", "2"), "transporter_name": lengths(100),
				"mode":          list("road", "rail", "air", "ship", "Road", 1),
				"distance_km":   list("0", "1.0", "1.5", "3999", "4000", "4000.0", "4001", "-1", json.Number("4001")),
				"document_date": dates(), "document_number": list("LR/17-A", "lr", strings.Repeat("1", 16)),
				"vehicle_number": list("MH12AB1234", "MH 12", "MH1", strings.Repeat("1", 21)),
				"vehicle_type":   list("regular", "odc", "ODC"), "unknown": list(1),
			},
		},
		"a charge": {
			"InvoiceRequest/properties/other_charges/items", `{"description":"x","amount":1,"gst_rate":1}`,
			parseCharge,
			[]string{"description", "amount", "gst_rate"},
			map[string][]any{
				"description": lengths(300), "hsn": digits(), "amount": decimals(2, "1000000000000"),
				"gst_rate": decimals(2, "100"), "unknown": list(1),
			},
		},
		"tax collected at source": {
			"InvoiceRequest/properties/tcs", `{}`, parseTCS, nil, map[string][]any{
				"rate": decimals(2, "100"), "amount": decimals(2, "1000000000000"), "unknown": list(1),
			},
		},
		"a merchant": {
			"MerchantRequest", `{"name":"x","gstin":"27AABCU9603R1ZN"}`,
			parseProfile,
			[]string{"name", "gstin"},
			map[string][]any{
				"name": lengths(100), "address": lengths(500), "compliance": list("strict", "advise", "Strict"),
				"gstin": sellers(), "id": list("m", 1), "turnover": list([]any{}, "x", []any{"x"}, []any{map[string]any{}}),
				"e_invoice_exempt": list("bank", "shop", "", 1),
				"trade_name":       lengths(100), "city": lengths(50), "name_local": lengths(100), "address_local": lengths(500),
				"pin":   list("411001", "011001", "41100", "4110011", "41100A", "४११००१", 411001),
				"phone": list("123456", "12345", "123456789012", "1234567890123", "+91 20", 123456),
				"email": list("a@b.in", "a@b", "a b@c.in", "@b.in", "a@b.in\n", strings.Repeat("a", 95)+"@b.in",
					strings.Repeat("a", 96)+"@b.in"),
				"closed_through": list("2025-11", "2017-06", "2025-13", "2025-1", "2099-12", "2100-01", 1),
				"closed_at":      lengths(30), "final_at": lengths(30),
				"unique_external_ids": list(true, "true"), "filing": list("monthly", "quarterly", "Monthly", 1),
				"upi_id": list("a.b-c@ok", "a@ok", "ab@o", "ab@1k", "ab@ok.x", "abok"),
				"bank": list("x", map[string]any{}, bank("1", "HDFC0000001"),
					bank("1-2", "HDFC0000001"), bank("1", "HDFC1000001")),
			},
		},
		"a turnover": {
			"MerchantRequest/properties/turnover/items", `{"financial_year":"2425","amount":1}`,
			parseTurnover,
			[]string{"financial_year", "amount"},
			map[string][]any{
				"amount": decimals(2, "1000000000000"), "financial_year": list("1718", "242", 2425), "unknown": list(1),
			},
		},
		"a count": {
			"StockRequest", `{"merchant_id":"m","on_hand":1}`, parseCount, []string{"merchant_id", "on_hand"}, map[string][]any{
				"merchant_id": names(), "on_hand": decimals(3, "10000000000000"), "reserved": list(1),
			},
		},
		"a movement": {
			"MovementRequest", `{"merchant_id":"m","delta":1,"reason":"x"}`,
			parseMovement,
			[]string{"merchant_id", "delta", "reason"},
			map[string][]any{
				"merchant_id": names(), "reason": lengths(200), "delta": append(signed, decimals(3, "10000000000000")...),
			},
		},
	}
}

func parseInvoice(b []byte) error  { _, err := gst.ParseRequest(b); return err }
func parseProfile(b []byte) error  { _, err := merchant.ParseProfile("m", b); return err }
func parseCount(b []byte) error    { _, err := inventory.ParseCount("SKU", b); return err }
func parseMovement(b []byte) error { _, err := inventory.ParseMovement("SKU", b); return err }

func parseTurnover(b []byte) error {
	const profile = `{"name":"x","gstin":"27AABCU9603R1ZN","turnover":[%s]}`
	return parseProfile(fmt.Appendf(nil, profile, b))
}

func parseCharge(b []byte) error { return parseAmount(`"other_charges":[%s]`, b) }
func parseTCS(b []byte) error    { return parseAmount(`"tcs":%s`, b) }

func parseParticular(name string) func([]byte) error {
	return func(b []byte) error { return parseAmount(`"`+name+`":%s`, b) }
}

func parseAmount(field string, b []byte) error {
	const invoice = `{"series":"A","seller_merchant_id":"m","invoice_date":"2025-11-26",` +
		`"items":[{"quantity":1,"unit_price":1,"gst_rate":1}],`
	return parseInvoice(fmt.Appendf(nil, invoice+field+"}", b))
}

func parseLine(b []byte) error {
	const invoice = `{"series":"A","seller_merchant_id":"m","invoice_date":"2025-11-26","items":[%s]}`
	return parseInvoice(fmt.Appendf(nil, invoice, b))
}

// TestRequestsAreAsStrictAsTheServer: schema and server accept the same requests. They differ
// only in an empty text and null, which the server takes for absent; in the decimals of a JSON
// number, since validators that compute with floats would refuse 19.99; in -0; in control
// characters; in check characters of GSTINs; and in rules that compare two fields.
func TestRequestsAreAsStrictAsTheServer(t *testing.T) {
	t.Parallel()
	for name, tc := range bodies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var base map[string]any
			require.NoError(t, json.Unmarshal([]byte(tc.base), &base))
			s := schema(t, "components/schemas/"+tc.schema)
			agree := func(request map[string]any) {
				raw, err := json.Marshal(request)
				require.NoError(t, err)
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
				require.NoError(t, err)
				inServer, inSchema := tc.parse(raw), s.Validate(v)
				require.Equal(t, inServer == nil, inSchema == nil, "%s\nserver: %v\nschema: %v", raw, inServer, inSchema)
			}
			agree(base)
			for _, field := range tc.required {
				without := maps.Clone(base)
				delete(without, field)
				agree(without)
			}
			for field, values := range tc.values {
				for _, value := range values {
					with := maps.Clone(base)
					with[field] = value
					agree(with)
				}
			}
		})
	}
}
