package gst_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

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
		"large":         {`{"a":"` + strings.Repeat("x", strictjson.MaxBody) + `"}`, 413, "body_too_large", nil},
		"twice":         {`{"series":"A","series":"B"}`, 400, "duplicate_field", map[string]string{"series": "duplicate_field"}},
		"half a pair":   {`{"buyer_name":"a\ud83d"}`, 400, "body_not_utf8", nil},
		"wrong half":    {`{"buyer_name":"\ude00\ud83d"}`, 400, "body_not_utf8", nil},
		"half of a key": {`{"\ud83d":1}`, 400, "body_not_utf8", nil},
		"twice in one":  {`{"items":[{},{"sku":"A","sku":"A"}]}`, 400, "duplicate_field", map[string]string{"items[1].sku": "duplicate_field"}},
		"twice, spelt":  {`{"sku":1,"\u0073ku":1}`, 400, "duplicate_field", map[string]string{"sku": "duplicate_field"}},
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

func TestTextComesBackIntact(t *testing.T) {
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
			inv := assess(t, strings.Replace(literal, `"items"`, `"buyer_name":"`+sent+`","items"`, 1))
			require.Equal(t, want, inv.BuyerName)
			b, err := json.Marshal(inv)
			require.NoError(t, err)
			var back gst.Invoice
			require.NoError(t, json.Unmarshal(b, &back))
			require.Equal(t, want, back.BuyerName)
		})
	}
}

func TestUnknownFieldsAreEachRefusedByName(t *testing.T) {
	status, _, fields := refusal(t, `{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26","Total_Amount":1,"total_amont":1,
		"items":[{"quantity":1,"unit_price":1,"gst_rate":18,"quantiy":2}]}`)
	require.Equal(t, 400, status)
	require.Equal(t, map[string]string{"Total_Amount": "unknown_field", "total_amont": "unknown_field", "items[0].quantiy": "unknown_field"}, fields)
}

func TestTypesAreNotMended(t *testing.T) {
	for field, values := range map[string][]string{
		"invoice_number": {"1", "true", "[]", "{}"}, "reverse_charge": {`"true"`, "1"}, "total_amount": {"true", "[]", "{}"},
		"items": {`"x"`, "1", "{}", "[1]", "[[]]", "[null]"}, "invoice_date": {"20251126"},
	} {
		for _, v := range values {
			status, code, fields := refusal(t, `{"seller_merchant_id":"m","`+field+`":`+v+`}`)
			require.Equal(t, 400, status, "%s: %s", field, v)
			require.Equal(t, "invalid_request", code)
			wrong := field
			if strings.HasPrefix(v, "[") && field == "items" {
				wrong = "items[0]"
			}
			require.Equal(t, "wrong_type", fields[wrong], "%s: %s", field, v)
		}
	}
}

func TestNumbersAreTakenAsWrittenOrRefused(t *testing.T) {
	for literalNumber, code := range map[string]string{
		"1e3": "not_a_number", "1E400": "not_a_number", `"NaN"`: "not_a_number", `"Infinity"`: "not_a_number", `"+1"`: "not_a_number",
		`"0x10"`: "not_a_number", `"1,000"`: "not_a_number", `"१००"`: "not_a_number", `" 1"`: "not_a_number",
		"1.005": "too_many_decimals", "-0.01": "out_of_range", "1000000000000.01": "out_of_range", "123456789012345678901234567890": "out_of_range",
	} {
		_, _, fields := refusal(t, strings.Replace(literal, "15000", literalNumber, 1))
		require.Equal(t, code, fields["total_amount"], literalNumber)
	}
	for _, bare := range []string{"NaN", "Infinity", "+1", ".5", "1.", "01", "0x10"} {
		_, code, _ := refusal(t, strings.Replace(literal, "15000", bare, 1))
		require.Equal(t, "body_not_json", code, bare)
	}
}
