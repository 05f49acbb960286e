package gst_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

func TestTheLiteralRequestParses(t *testing.T) {
	req := parse(t, literal)
	require.Equal(t, "TEST-001", req.InvoiceNumber)
	require.EqualValues(t, 1500000, *req.TotalAmount)
	require.Equal(t, gst.TypeInvoice, req.DocumentType)
}

func TestMalformedRequests(t *testing.T) {
	with := func(fields string) string { return edit(literal, `"items"`, fields+`,"items"`) }
	for name, tc := range map[string]struct {
		body        string
		status      int
		field, code string
	}{
		"duplicate field":          {`{"series":"A","series":"B"}`, 400, "series", "duplicate_field"},
		"duplicate field of items": {`{"items":[{},{"sku":"A","sku":"A"}]}`, 400, "items[1].sku", "duplicate_field"},
		"items not an array":       {edit(literal, `[]`, `{}`), 400, "items", "wrong_type"},
		"misspelled field":         {edit(literal, `"items"`, `"item"`), 400, "item", "unknown_field"},
		"control character":        {with(`"buyer_name":"a\u0000b"`), 422, "buyer_name", "control_character"},
		"name too long":            {with(`"buyer_name":"` + strings.Repeat("श", 101) + `"`), 422, "buyer_name", "too_long"},
		"note of no invoice":       {with(`"document_type":"CRN"`), 422, "original_invoice_number", "required"},
		"number and series":        {with(`"series":"S"`), 422, "invoice_number", "number_or_series"},
		"due before its date":      {edit(literal, "2025-12-26", "2025-11-25"), 422, "due_date", "due_before_invoice"},
		"no total, no items":       {edit(literal, `"total_amount":15000,`, ``), 422, "total_amount", "required"},
		"before GST":               {edit(literal, "2025-11-26", "2017-06-30"), 422, "invoice_date", "date_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			status, code, fields := refusal(t, tc.body)
			require.Equal(t, tc.status, status)
			if tc.code == "duplicate_field" {
				require.Equal(t, tc.code, code)
			} else {
				require.Equal(t, "invalid_request", code)
			}
			require.Equal(t, map[string]string{tc.field: tc.code}, fields)
		})
	}
}

func TestTextRoundTrips(t *testing.T) {
	for name, sent := range map[string]string{
		"emoji":                "Mango 🥭 & 👨‍👩‍👧 Sons",
		"emoji, escaped":       `Mango \ud83e\udd6d`,
		"a backslash":          `C:\\ud83d\\n`,
		"Devanagari":           "श्री शर्मा ट्रेडर्स",
		"right to left":        "متجر النور \u200f(مومباي)",
		"composed, decomposed": "Café Cafe\u0301",
		"HTML":                 `<b>A & B</b>`,
	} {
		t.Run(name, func(t *testing.T) {
			var want string
			require.NoError(t, json.Unmarshal([]byte(`"`+sent+`"`), &want))
			inv := assess(t, edit(literal, `"items"`, `"buyer_name":"`+sent+`","items"`))
			require.Equal(t, want, inv.BuyerName)
			requireRoundTrip(t, inv)
		})
	}
}

func TestUnknownFieldsAreEachRefusedByName(t *testing.T) {
	line := `{"quantity":1,"unit_price":1,"gst_rate":18,"quantiy":2}`
	status, _, fields := refusal(t, lines(1, line, `"Total_Amount":1,"total_amont":1,`))
	require.Equal(t, 400, status)
	require.Equal(t, map[string]string{
		"Total_Amount": "unknown_field", "total_amont": "unknown_field", "items[0].quantiy": "unknown_field",
	}, fields)
}

func TestTypesAreNotConverted(t *testing.T) {
	for field, values := range map[string][]string{
		"invoice_number": {"1", "true", "[]", "{}"}, "reverse_charge": {`"true"`, "1"}, "total_amount": {"true", "[]", "{}"},
		"items": {`"x"`, "1", "{}", "[1]", "[[]]", "[null]"}, "invoice_date": {"20251126"},
	} {
		for _, v := range values {
			t.Run(field+"="+v, func(t *testing.T) {
				status, code, fields := refusal(t, `{"seller_merchant_id":"m","`+field+`":`+v+`}`)
				require.Equal(t, 400, status)
				require.Equal(t, "invalid_request", code)
				faulty := field
				if strings.HasPrefix(v, "[") && field == "items" {
					faulty = "items[0]"
				}
				require.Equal(t, "wrong_type", fields[faulty])
			})
		}
	}
}

func TestNumbersAreTakenAsWrittenOrRefused(t *testing.T) {
	for number, code := range map[string]string{
		`"1e3"`: "not_a_number", "-0": "out_of_range", "1E400": "not_a_number",
		`"NaN"`: "not_a_number", `"Infinity"`: "not_a_number",
		`"+1"`: "not_a_number", `"0x10"`: "not_a_number", `"1,000"`: "not_a_number", `"१००"`: "not_a_number",
		`" 1"`: "not_a_number", "1.005": "too_many_decimals", "-0.01": "out_of_range",
		"1000000000000.01": "out_of_range", "123456789012345678901234567890": "out_of_range",
	} {
		t.Run(number, func(t *testing.T) {
			_, _, fields := refusal(t, edit(literal, "15000", number))
			require.Equal(t, code, fields["total_amount"])
		})
	}
	for _, number := range []string{"NaN", "Infinity", "+1", ".5", "1.", "01", "0x10"} {
		t.Run(number, func(t *testing.T) {
			_, code, _ := refusal(t, edit(literal, "15000", number))
			require.Equal(t, "body_not_json", code)
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	status, code, fields := refusal(t, `{"invoice_number":"no spaces!","invoice_date":"2025-02-30","due_date":"x",
		"total_amount":-1,"place_of_supply":"25x",
		"items":[{"quantity":0,"unit_price":"1.2345","gst_rate":101,"unit":"XXX","hsn":"1"}]}`)
	require.Equal(t, 422, status)
	require.Equal(t, "invalid_request", code)
	require.Equal(t, map[string]string{
		"invoice_number": "number_malformed", "invoice_date": "date_invalid", "due_date": "date_invalid",
		"total_amount": "out_of_range", "place_of_supply": "state_unknown", "seller_merchant_id": "required",
		"items[0].quantity": "out_of_range", "items[0].unit_price": "too_many_decimals",
		"items[0].gst_rate": "out_of_range", "items[0].unit": "unit_unknown", "items[0].hsn": "hsn_malformed",
	}, fields)
}

func TestAThousandItemsAreTheMost(t *testing.T) {
	const line = `{"quantity":1,"unit_price":1,"gst_rate":18}`
	require.Len(t, parse(t, lines(1000, line, "")).Items, 1000)
	_, _, fields := refusal(t, lines(1001, line, ""))
	require.Equal(t, map[string]string{"items": "too_many_items"}, fields)
}

func TestMessagesSayWhatToDo(t *testing.T) {
	line := `{"quantity":0,"unit_price":1,"gst_rate":100000000000000,"unit":"KG"}`
	_, err := gst.ParseRequest([]byte(lines(1, line, `"buyer_gstin":"29aabcu9603r1zj","place_of_supply":"45",`)))
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	messages := map[string]string{}
	for _, f := range e.Fields {
		messages[f.Field] = f.Message
	}
	require.Equal(t, map[string]string{
		"buyer_gstin": `"29aabcu9603r1zj" is not a GSTIN; ` +
			`it has 15 digits and capital letters, such as 27AABCU9603R1ZN`,
		"place_of_supply":   `"45" is not a state code; use 96 for exports`,
		"items[0].quantity": "must be from 0.001 to 9999999999.999",
		"items[0].gst_rate": "must be from 0 to 100",
		"items[0].unit":     `"KG" is not a GST unit code (UQC); did you mean "KGS"?`,
	}, messages)
}
