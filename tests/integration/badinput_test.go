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

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/strictjson"
	"github.com/invochain/invochain/tests/framework/stack"
)

// badBody is an invalid request body with the expected problem.
type badBody struct {
	body, code, field string
	status            int
	httpOnly          bool // cannot be put into a message
}

// badBodies returns bodies with one mistake each.
func badBodies(m string) map[string]badBody {
	good := sale(m, "SKU", 1)
	with := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	ofLine := func(field string) string { return with(`"quantity":1`, `"`+field+`":1,"quantity":1`) }
	line := `{"description":"x","hsn":"847130","quantity":1,"unit":"NOS","unit_price":1,"gst_rate":18},`
	tooLarge := `{"x":"` + strings.Repeat("x", strictjson.MaxBody) + `"}`
	duplicate := with(`"series":"S"`, `"series":"S","series":"T"`)
	wrongChecksum := with("29AABCU9603R1ZJ", "29AABCU9603R1ZN")
	wrongTotal := with(`"items"`, `"total_amount":300,"items"`)
	overflow := strings.NewReplacer(`"250.00"`, `9999999999`, `"quantity":1`, `"quantity":9999999`).Replace(good)
	nested := strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200)
	invalid := func(body, field string) badBody {
		return badBody{body: body, status: 422, code: "invalid_request", field: field}
	}
	malformed := func(body, field string) badBody {
		return badBody{body: body, status: 400, code: "invalid_request", field: field}
	}
	return map[string]badBody{
		"empty":                    {body: "", status: 400, code: "body_empty", httpOnly: true},
		"not JSON":                 {body: "{", status: 400, code: "body_not_json", httpOnly: true},
		"a list":                   {body: "[]", status: 400, code: "body_not_object", httpOnly: true},
		"deep nesting":             {body: nested, status: 400, code: "body_too_deep"},
		"over 1 MB":                {body: tooLarge, status: 413, code: "body_too_large", httpOnly: true},
		"wrong type":               malformed(with(`"S"`, `7`), "series"),
		"item of the wrong type":   malformed(with(`"items":[`, `"items":["x",`), "items[0]"),
		"unknown field":            malformed(with(`"series"`, `"serie":"x","series"`), "serie"),
		"unknown field of an item": malformed(with(`"hsn"`, `"hns":"x","hsn"`), "items[0].hns"),
		"duplicate field":          {body: duplicate, status: 400, code: "duplicate_field", field: "series"},
		"NaN":                      invalid(with(`"250.00"`, `"NaN"`), "items[0].unit_price"),
		"bare NaN":                 {body: with(`"250.00"`, `NaN`), status: 400, code: "body_not_json", httpOnly: true},
		"exponent in a string":     invalid(with(`"250.00"`, `"1e3"`), "items[0].unit_price"),
		"negative zero":            invalid(with(`"250.00"`, `-0`), "items[0].unit_price"),
		"negative amount":          invalid(with(`"250.00"`, `-1`), "items[0].unit_price"),
		"overflowing amount":       invalid(with(`"250.00"`, `99999999999999999999`), "items[0].unit_price"),
		"overflowing product":      invalid(overflow, "items[0]"),
		"three decimals":           invalid(with(`"items"`, `"total_amount":295.005,"items"`), "total_amount"),
		"wrong total":              {body: wrongTotal, status: 422, code: "total_mismatch", field: "total_amount"},
		"30 February":              invalid(with("2025-11-26", "2025-02-30"), "invoice_date"),
		"due before issued":        invalid(with(`"items"`, `"due_date":"2025-11-25","items"`), "due_date"),
		"1,001 lines":              invalid(with(`"items":[`, `"items":[`+strings.Repeat(line, 1001)), "items"),
		"number of 17":             invalid(with(`"series":"S"`, `"invoice_number":"12345678901234567"`), "invoice_number"),
		"number with a space":      invalid(with(`"series":"S"`, `"invoice_number":"A 1"`), "invoice_number"),
		"number and series":        invalid(with(`"series"`, `"invoice_number":"A1","series"`), "invoice_number"),
		"malformed GSTIN":          invalid(with("29AABCU9603R1ZJ", "29AABCU9603R1Z"), "buyer_gstin"),
		"lower-case GSTIN":         invalid(with("29AABCU9603R1ZJ", "29aabcu9603r1zj"), "buyer_gstin"),
		"GSTIN checksum":           {body: wrongChecksum, status: 422, code: "compliance_findings"},
		"unknown SKU":              {body: with(`"sku":"SKU"`, `"sku":"NONE"`), status: 422, code: "unknown_sku"},
		"direction override":       invalid(with("Steel bottle", `Steel\u202ebottle`), "items[0].description"),
		"PIN of another state":     invalid(with(`"items"`, `"buyer_pin":"411001","items"`), "buyer_pin"),
		"state of another GSTIN":   invalid(with(`"items"`, `"buyer_state":"27","items"`), "buyer_state"),
		"currency without a rate":  invalid(with(`"items"`, `"export":{"currency":"USD"},"items"`), "export.exchange_rate"),
		"51 pairs of metadata":     invalid(with(`"items"`, `"metadata":{`+pairs(51)+`},"items"`), "metadata"),
		"a value with a price":     malformed(ofLine("taxable_value"), "items[0].taxable_value"),
		"RSP on other goods":       invalid(ofLine("retail_sale_price"), "items[0].retail_sale_price"),
		"quantity 0":               invalid(with(`"quantity":1`, `"quantity":0`), "items[0].quantity"),
		"control characters":       invalid(with("Steel bottle", `Steel\u0007bottle`), "items[0].description"),
		"unknown merchant":         {body: with(m, "missing"), status: 404, code: "merchant_not_found"},
	}
}

// pairs returns the members of an object with n texts.
func pairs(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return strings.Join(all, ",")
}

func TestBadBodiesAtTheAPI(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "strict")
	f.stock(t, m, "SKU", 100)
	for name, bad := range badBodies(m) {
		t.Run(name, func(t *testing.T) {
			as := f
			if bad.code == "merchant_not_found" {
				as = f.as(t, "missing")
			}
			r := as.create(t, client.NewKey(), bad.body)
			require.Equal(t, bad.status, r.Status, "%s", r.Body)
			require.Equal(t, bad.code, r.Field("code"), "%s", r.Body)
			require.Equal(t, "false", r.Field("retryable"))
			require.Equal(t, r.Header.Get("X-Request-Id"), r.Field("request_id"))
			as.requireSameOfPreview(t, bad, r)
			if bad.field != "" {
				require.Contains(t, string(r.Body), fmt.Sprintf(`"field":%q`, bad.field))
			}
		})
	}
	require.Empty(t, f.invoices(t, m), "no invoice is stored")
	l, err := f.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 100_000, l.OnHand)
}

// requireSameOfPreview: the preview of a bad body gets the answer of POST /invoices. It shows findings
// instead of refusing for them, and looks at no stock.
func (f *fixture) requireSameOfPreview(t *testing.T, bad badBody, refused client.Reply) {
	t.Helper()
	r := f.call(t, http.MethodPost, "/invoices/preview", []byte(bad.body), "Content-Type", "application/json")
	switch bad.code {
	case "compliance_findings":
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		require.Equal(t, "true", r.Field("would_be_refused"))
	case "unknown_sku":
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	default:
		require.Equal(t, refused.Status, r.Status, "%s", r.Body)
		require.Equal(t, bad.code, r.Field("code"), "%s", r.Body)
	}
}

func TestBadRequestsAtTheAPI(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "strict")
	jsonType := []string{"Content-Type", "application/json"}
	withKey := func(key string) []string { return []string{"Content-Type", "application/json", "Idempotency-Key", key} }
	textType := []string{"Content-Type", "text/plain", "Idempotency-Key", client.NewKey()}
	noType := []string{"Idempotency-Key", client.NewKey()}
	for name, tc := range map[string]struct {
		method, path string
		header       []string
		status       int
		code         string
	}{
		"no key":                  {"POST", "/invoices", jsonType, 400, "idempotency_key_missing"},
		"key not a UUID":          {"POST", "/invoices", withKey("abc"), 400, "idempotency_key_invalid"},
		"key half quoted":         {"POST", "/invoices", withKey(`"` + client.NewKey()), 400, "idempotency_key_invalid"},
		"text":                    {"POST", "/invoices", textType, 415, "unsupported_media_type"},
		"no content type":         {"POST", "/invoices", noType, 415, "unsupported_media_type"},
		"wrong method":            {"DELETE", "/invoices", nil, 405, "method_not_allowed"},
		"wrong method, sku":       {"POST", "/inventory/SKU", jsonType, 405, "method_not_allowed"},
		"wrong method, movements": {"PUT", "/inventory/SKU/movements", jsonType, 405, "method_not_allowed"},
		"wrong method, preview":   {"PUT", "/invoices/preview", jsonType, 405, "method_not_allowed"},
		"below movements":         {"GET", "/inventory/SKU/movements/1", nil, 404, "route_not_found"},
		"unknown route":           {"GET", "/nope/at/all", nil, 404, "route_not_found"},
		"root":                    {"GET", "/", nil, 404, "route_not_found"},
		"no such invoice":         {"GET", "/invoices/" + client.NewKey(), nil, 404, "invoice_not_found"},
		"no such saga":            {"GET", "/sagas/x", nil, 404, "saga_not_found"},
		"no such merchant":        {"GET", "/merchants/missing", nil, 404, "merchant_not_found"},
		"no such SKU":             {"GET", "/inventory/NONE?merchant_id=" + m, nil, 404, "unknown_sku"},
		"another's invoices":      {"GET", "/invoices?merchant_id=another", nil, 403, "merchant_forbidden"},
		"invalid cursor":          {"GET", "/invoices?merchant_id=" + m + "&cursor=abc", nil, 400, "cursor_invalid"},
		"unknown parameter":       {"GET", "/invoices?merchant_id=" + m + "&state=ISSUED", nil, 400, "invalid_query"},
		"malformed filter":        {"GET", "/invoices?merchant_id=" + m + "&from=yesterday", nil, 400, "invalid_query"},
		"unlisted state":          {"GET", "/sagas?merchant_id=" + m + "&state=COMPLETED", nil, 400, "invalid_query"},
		"another's sagas":         {"GET", "/sagas?merchant_id=another", nil, 403, "merchant_forbidden"},
		"another's stock":         {"GET", "/inventory?merchant_id=another", nil, 403, "merchant_forbidden"},
		"repeated parameter":      {"GET", "/invoices?merchant_id=" + m + "&limit=1&limit=2", nil, 400, "invalid_query"},
		"parameter of no route":   {"GET", "/health?x=1", nil, 400, "invalid_query"},
		"limit 0":                 {"GET", "/invoices?merchant_id=" + m + "&limit=0", nil, 400, "invalid_query"},
		"merchant's GSTIN":        {"PUT", "/merchants/" + m, jsonType, 422, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := sale(m, "SKU", 1)
			if tc.method == http.MethodPut {
				body = `{"name":"x","gstin":"27AABCU9603R1ZX"}`
			}
			r := f.call(t, tc.method, tc.path, []byte(body), tc.header...)
			require.Equal(t, tc.status, r.Status, "%s", r.Body)
			require.Equal(t, tc.code, r.Field("code"))
		})
	}
}

// TestBadBodiesAtTheQueue: a message that the API would refuse is told to its sender, if it names
// one, and else dead-lettered once, with the reason. Neither delays a valid message in the same
// queue. It runs alone, since it counts the dead letter queue.
func TestBadBodiesAtTheQueue(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "strict")
	f.stock(t, m, "SKU", 100)
	tap := f.subscribe(t, events.InvoiceRefused)
	dead, refused := f.sendBadBodies(t, m)
	f.send(t, deployment.RequestsQueue, requestOf(client.NewKey(), sale(m, "SKU", 1)))
	require.Equal(t, refused, refusals(t, tap, refused))
	got := map[string]string{}
	require.NoError(t, stack.Await(t.Context(), dlqTimeout, func() (bool, error) {
		deadLetters, err := f.Operator.DeadLetters(t.Context())
		for _, d := range deadLetters {
			if _, mine := dead[d.Body]; mine {
				got[d.Body] = d.Code
				require.NotEmpty(t, d.Reason)
			}
		}
		return len(got) == len(dead), err
	}), "%d of %d", len(got), len(dead))
	require.Equal(t, dead, got)
	require.NoError(t, stack.Await(t.Context(), 20*time.Second, func() (bool, error) {
		return len(f.invoices(t, m)) == 1, nil
	}))
	all := f.allDeadLetters(t, dead)
	for body := range dead {
		require.Len(t, all[body], 1, body)
	}
}

func requestOf(key, invoice string) string {
	return fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, key, invoice)
}

// sendBadBodies sends invalid messages. It returns the expected codes: of dead letters by body,
// of refusals by key.
func (f *fixture) sendBadBodies(t *testing.T, m string) (dead, refused map[string]string) {
	t.Helper()
	dead, refused = map[string]string{}, map[string]string{}
	for _, bad := range badBodies(m) {
		if bad.httpOnly || len(bad.body) > 100<<10 {
			continue
		}
		key := client.NewKey()
		message := requestOf(key, bad.body)
		if bad.status == http.StatusBadRequest && bad.code != "invalid_request" {
			dead[message] = bad.code
		} else {
			refused[key] = bad.code
		}
		f.send(t, deployment.RequestsQueue, message)
	}
	for message, code := range map[string]string{
		"no JSON at all":                                 "body_not_json",
		sale(m, "SKU", 2):                                "invalid_request", // without its envelope
		requestOf("order-77", sale(m, "SKU", 1)):         "invalid_request",
		requestOf(client.NewKey(), "null"):               "invalid_request",
		requestOf(client.NewKey(), "[]"):                 "invalid_request",
		`{"invoice":{},` + requestOf("x", `{"a":1}`)[1:]: "duplicate_field",
	} {
		dead[message] = code
		f.send(t, deployment.RequestsQueue, message)
	}
	return dead, refused
}

// refusals returns the reasons of the events with the wanted keys.
func refusals(t *testing.T, tap *stack.Tap, want map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	drain(t, tap, func(e events.Event) bool {
		var data events.RequestRefused
		require.NoError(t, json.Unmarshal(e.Data, &data))
		if _, mine := want[data.IdempotencyKey]; mine {
			got[data.IdempotencyKey] = data.Reason
			return true
		}
		return false
	}, len(want))
	return got
}

func TestTextComesBackIntact(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	for i, name := range []string{"Café 🥭 Goa", "शर्मा ट्रेडर्स", "متجر النور \u200f", "a\"b\\c</script>"} {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		body := numbered(m, fmt.Sprintf("T-%d", i))
		r := f.create(t, client.NewKey(), strings.Replace(body, `"items"`, `"buyer_name":`+string(quoted)+
			`,"buyer_address":"12 MG Road\n\tPune 411001","items"`, 1))
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
		require.Equal(t, name, r.Field("buyer_name"))
		require.Equal(t, "12 MG Road\n\tPune 411001", r.Field("buyer_address"))
		require.Equal(t, name, f.call(t, http.MethodGet, "/invoices/"+r.Field("id"), nil).Field("buyer_name"))
	}
}
