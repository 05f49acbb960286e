//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/framework/stack"
)

// badBody is a request body that must be refused, and how.
type badBody struct {
	body, code, field string
	status            int
	httpOnly          bool // cannot be put into a message
}

// badBodies derive from a request that would be accepted, one mistake each.
func badBodies(m string) map[string]badBody {
	good := sale(m, "SKU", 1)
	with := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	lines := strings.Repeat(`{"description":"x","hsn":"847130","quantity":1,"unit":"NOS","unit_price":1,"gst_rate":18},`, 1001)
	return map[string]badBody{
		"empty":                 {body: "", status: 400, code: "body_empty", httpOnly: true},
		"not JSON":              {body: "{", status: 400, code: "body_not_json", httpOnly: true},
		"a list":                {body: "[]", status: 400, code: "body_not_object"},
		"deep nesting":          {body: strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200), status: 400, code: "body_too_deep"},
		"over 256 KB":           {body: `{"x":"` + strings.Repeat("x", 256<<10) + `"}`, status: 413, code: "body_too_large", httpOnly: true},
		"wrong type":            {body: with(`"S"`, `7`), status: 400, code: "invalid_request", field: "series"},
		"item of wrong type":    {body: with(`"items":[`, `"items":["x",`), status: 400, code: "invalid_request", field: "items[0]"},
		"unknown field":         {body: with(`"series"`, `"serie":"x","series"`), status: 400, code: "invalid_request", field: "serie"},
		"unknown field of item": {body: with(`"hsn"`, `"hns":"x","hsn"`), status: 400, code: "invalid_request", field: "items[0].hns"},
		"field twice":           {body: with(`"series":"S"`, `"series":"S","series":"T"`), status: 400, code: "duplicate_field", field: "series"},
		"NaN":                   {body: with(`"250.00"`, `"NaN"`), status: 422, code: "invalid_request", field: "items[0].unit_price"},
		"bare NaN":              {body: with(`"250.00"`, `NaN`), status: 400, code: "body_not_json", httpOnly: true},
		"exponent":              {body: with(`"250.00"`, `1e3`), status: 422, code: "invalid_request", field: "items[0].unit_price"},
		"negative amount":       {body: with(`"250.00"`, `-1`), status: 422, code: "invalid_request", field: "items[0].unit_price"},
		"overflowing amount":    {body: with(`"250.00"`, `99999999999999999999`), status: 422, code: "invalid_request", field: "items[0].unit_price"},
		"overflowing product":   {body: strings.NewReplacer(`"250.00"`, `9999999999`, `"quantity":1`, `"quantity":9999999`).Replace(good), status: 422, code: "invalid_request", field: "items[0]"},
		"three decimals":        {body: with(`"items"`, `"total_amount":295.005,"items"`), status: 422, code: "invalid_request", field: "total_amount"},
		"total of other lines":  {body: with(`"items"`, `"total_amount":300,"items"`), status: 422, code: "total_mismatch", field: "total_amount"},
		"30 February":           {body: with("2025-11-26", "2025-02-30"), status: 422, code: "invalid_request", field: "invoice_date"},
		"due before issued":     {body: with(`"items"`, `"due_date":"2025-11-25","items"`), status: 422, code: "invalid_request", field: "due_date"},
		"1,001 lines":           {body: with(`"items":[`, `"items":[`+lines), status: 422, code: "invalid_request", field: "items"},
		"number of 17":          {body: with(`"series":"S"`, `"invoice_number":"12345678901234567"`), status: 422, code: "invalid_request", field: "invoice_number"},
		"number with a space":   {body: with(`"series":"S"`, `"invoice_number":"A 1"`), status: 422, code: "invalid_request", field: "invoice_number"},
		"number and series":     {body: with(`"series"`, `"invoice_number":"A1","series"`), status: 422, code: "invalid_request", field: "invoice_number"},
		"malformed GSTIN":       {body: with("29AABCU9603R1ZJ", "29AABCU9603R1Z"), status: 422, code: "invalid_request", field: "buyer_gstin"},
		"lower-case GSTIN":      {body: with("29AABCU9603R1ZJ", "29aabcu9603r1zj"), status: 422, code: "invalid_request", field: "buyer_gstin"},
		"GSTIN checksum":        {body: with("29AABCU9603R1ZJ", "29AABCU9603R1ZN"), status: 422, code: "compliance_findings"},
		"unknown SKU":           {body: with(`"sku":"SKU"`, `"sku":"NONE"`), status: 422, code: "unknown_sku"},
		"quantity 0":            {body: with(`"quantity":1`, `"quantity":0`), status: 422, code: "invalid_request", field: "items[0].quantity"},
		"control characters":    {body: with("Steel bottle", `Steel\u0007bottle`), status: 422, code: "invalid_request", field: "items[0].description"},
		"unknown merchant":      {body: with(m, "nobody"), status: 404, code: "merchant_not_found"},
	}
}

func TestBadBodiesAtTheAPI(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "strict")
	s.stock(t, m, "SKU", 100)
	for name, bad := range badBodies(m) {
		t.Run(name, func(t *testing.T) {
			r := s.create(t, stack.NewKey(), bad.body)
			require.Equal(t, bad.status, r.Status, "%s", r.Body)
			require.Equal(t, bad.code, r.Field("code"), "%s", r.Body)
			require.Equal(t, "false", r.Field("retryable"))
			require.Equal(t, r.Header.Get("X-Request-Id"), r.Field("request_id"))
			if bad.field != "" {
				require.Contains(t, string(r.Body), fmt.Sprintf(`"field":%q`, bad.field))
			}
		})
	}
	require.Empty(t, s.invoices(t, m), "nothing is stored")
	l, err := s.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 100_000, l.OnHand)
}

func TestBadRequestsAtTheAPI(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "strict")
	jsonType := []string{"Content-Type", "application/json"}
	for name, tc := range map[string]struct {
		method, path string
		header       []string
		status       int
		code         string
	}{
		"no key":            {"POST", "/invoices", jsonType, 400, "idempotency_key_missing"},
		"key no UUID":       {"POST", "/invoices", append(jsonType, "Idempotency-Key", "abc"), 400, "idempotency_key_invalid"},
		"key half quoted":   {"POST", "/invoices", append(jsonType, "Idempotency-Key", `"`+stack.NewKey()), 400, "idempotency_key_invalid"},
		"form":              {"POST", "/invoices", []string{"Content-Type", "text/plain", "Idempotency-Key", stack.NewKey()}, 415, "unsupported_media_type"},
		"no content type":   {"POST", "/invoices", []string{"Idempotency-Key", stack.NewKey()}, 415, "unsupported_media_type"},
		"wrong method":      {"DELETE", "/invoices", nil, 405, "method_not_allowed"},
		"wrong method, sku": {"POST", "/inventory/SKU", jsonType, 405, "method_not_allowed"},
		"unknown route":     {"GET", "/nope/at/all", nil, 404, "route_not_found"},
		"root":              {"GET", "/", nil, 404, "route_not_found"},
		"no such invoice":   {"GET", "/invoices/" + stack.NewKey(), nil, 404, "invoice_not_found"},
		"no such saga":      {"GET", "/sagas/x", nil, 404, "saga_not_found"},
		"no such merchant":  {"GET", "/merchants/nobody", nil, 404, "merchant_not_found"},
		"no such SKU":       {"GET", "/inventory/NONE?merchant_id=" + m, nil, 404, "unknown_sku"},
		"list of nobody":    {"GET", "/invoices", nil, 400, "merchant_id_required"},
		"cursor made up":    {"GET", "/invoices?merchant_id=" + m + "&cursor=abc", nil, 400, "cursor_invalid"},
		"limit 0":           {"GET", "/invoices?merchant_id=" + m + "&limit=0", nil, 400, "invalid_query"},
		"merchant's GSTIN":  {"PUT", "/merchants/x", jsonType, 422, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			body := sale(m, "SKU", 1)
			if tc.method == http.MethodPut {
				body = `{"name":"x","gstin":"27AABCU9603R1ZX"}`
			}
			r := s.call(t, tc.method, tc.path, []byte(body), tc.header...)
			require.Equal(t, tc.status, r.Status, "%s", r.Body)
			require.Equal(t, tc.code, r.Field("code"))
		})
	}
}

// TestBadBodiesAtTheQueue: what the API refuses goes to the dead letter queue, with
// the reason, once, and does not hold up a good message between them.
func TestBadBodiesAtTheQueue(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "strict")
	s.stock(t, m, "SKU", 100)
	want := map[string]string{} // reason code by body
	for _, bad := range badBodies(m) {
		if bad.httpOnly || len(bad.body) > 100<<10 {
			continue
		}
		message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), bad.body)
		want[message] = bad.code
		s.send(t, "INVOCHAIN_REQUESTS_QUEUE_URL", message)
	}
	for message, code := range map[string]string{
		"no JSON at all": "body_not_json",
		fmt.Sprintf(`{"invoice":%s}`, sale(m, "SKU", 1)):                       "idempotency_key_missing",
		fmt.Sprintf(`{"idempotency_key":"7","invoice":%s}`, sale(m, "SKU", 1)): "idempotency_key_invalid",
		fmt.Sprintf(`{"idempotency_key":%q,"invoice":null}`, stack.NewKey()):   "body_not_object",
		fmt.Sprintf(`{"idempotency_key":%q}`, stack.NewKey()):                  "body_empty",
	} {
		want[message] = code
		s.send(t, "INVOCHAIN_REQUESTS_QUEUE_URL", message)
	}
	s.send(t, "INVOCHAIN_REQUESTS_QUEUE_URL", fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), sale(m, "SKU", 1)))

	got := map[string]string{}
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) {
		letters, err := s.Operator.DeadLetters(t.Context())
		for _, l := range letters {
			if _, mine := want[l.Body]; mine {
				got[l.Body] = l.Code
				require.NotEmpty(t, l.Reason)
			}
		}
		return len(got) == len(want), err
	}), "%d of %d", len(got), len(want))
	require.Equal(t, want, got)
	require.NoError(t, stack.Await(t.Context(), 20*time.Second, func() (bool, error) {
		return len(s.invoices(t, m)) == 1, nil
	}))
	letters, err := s.Operator.DeadLetters(t.Context())
	require.NoError(t, err)
	times := map[string]int{}
	for _, l := range letters {
		times[l.Body]++
	}
	for body := range want {
		require.Equal(t, 1, times[body], body)
	}
}

func TestTextComesBackIntact(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	for i, name := range []string{"Café 🥭 Goa", "शर्मा ट्रेडर्स", "متجر النور \u200f", "a\"b\\c</script>"} {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		r := s.create(t, stack.NewKey(), strings.Replace(numbered(m, fmt.Sprintf("T-%d", i)), `"items"`, `"buyer_name":`+string(quoted)+`,"items"`, 1))
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
		require.Equal(t, name, r.Field("buyer_name"))
		require.Equal(t, name, s.call(t, http.MethodGet, "/invoices/"+r.Field("id"), nil).Field("buyer_name"))
	}
}
