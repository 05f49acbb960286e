package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

const (
	asJSON = "application/json"
	aKey   = "8e03978e-40d5-43e8-bc93-6894a57f9324"
)

// request is an event of API Gateway.
func request(method, path, merchantID, body string, header map[string]string) lambdaevents.APIGatewayProxyRequest {
	e := lambdaevents.APIGatewayProxyRequest{HTTPMethod: method, Path: path, Body: body, Headers: header}
	if merchantID != "" {
		e.QueryStringParameters = map[string]string{"merchant_id": merchantID}
	}
	return e
}

// call sends a request to a function of store.
func call(
	t *testing.T, store *fakeStore, e lambdaevents.APIGatewayProxyRequest,
) lambdaevents.APIGatewayProxyResponse {
	t.Helper()
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	out, err := invoke(t, store, nil, string(raw))
	require.NoError(t, err)
	var answer lambdaevents.APIGatewayProxyResponse
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	isProblem := answer.Headers["Content-Type"] == "application/problem+json"
	require.Equal(t, answer.StatusCode >= http.StatusBadRequest, isProblem)
	return answer
}

func TestRoutes(t *testing.T) {
	missing := &problem.Error{Kind: problem.NotFound, Code: inventory.UnknownSKU}
	busy := &problem.Error{Kind: problem.Unavailable, Code: "stock_busy", Retryable: true}
	stock := func(onHand string) string { return `{"merchant_id":"m","on_hand":` + onHand + `}` }
	ofAStranger := `{"merchant_id":"stranger","on_hand":1}`
	for name, tc := range map[string]struct {
		method, path, query, kind, body string
		err                             error
		status                          int
		want                            string
	}{
		"get":                   {"GET", "/inventory/A", "m", "", "", nil, 200, `"reserved":1,"sold":2,"version":7`},
		"get, with slash":       {"GET", "/inventory/A%2F1", "m", "", "", nil, 200, `"sku":"A/1"`},
		"get, decoded once":     {"GET", "/inventory/A%252F1", "m", "", "", nil, 200, `"sku":"A%2F1"`},
		"get, no merchant":      {"GET", "/inventory/A", "", "", "", nil, 200, `"merchant_id":"m"`},
		"get, another merchant": {"GET", "/inventory/A", "stranger", "", "", nil, 403, `"merchant_forbidden"`},
		"list":                  {"GET", "/inventory", "m", "", "", nil, 200, `{"inventory":[{"merchant_id":"m","sku":"A"`},
		"list, a cursor":        {"GET", "/inventory", "m", "", "", nil, 200, `"next_cursor":"more"`},
		"list, no merchant":     {"GET", "/inventory", "", "", "", nil, 200, `"merchant_id":"m"`},
		"head":                  {"HEAD", "/inventory/A", "m", "", "", nil, 200, ``},
		"get, unknown":          {"GET", "/inventory/A", "m", "", "", missing, 404, `"unknown_sku"`},
		"put":                   {"PUT", "/inventory/A", "", asJSON, stock(`"2.5"`), nil, 200, `"on_hand":2.5`},
		"put, with slash":       {"PUT", "/inventory/A%2FB", "", asJSON, stock(`1`), nil, 200, `"sku":"A/B"`},
		"put, decoded once":     {"PUT", "/inventory/A%252FB", "", asJSON, stock(`1`), nil, 422, `"sku_malformed"`},
		"put, negative":         {"PUT", "/inventory/A", "", asJSON, stock(`-1`), nil, 422, `"field":"on_hand"`},
		"put, a typo":           {"PUT", "/inventory/A", "", asJSON, `{"onhand":1}`, nil, 400, `"field":"onhand"`},
		"put, no JSON":          {"PUT", "/inventory/A", "", asJSON, `on_hand=1`, nil, 400, `"body_not_json"`},
		"put, as text":          {"PUT", "/inventory/A", "", "text/plain", `{}`, nil, 415, `"unsupported_media_type"`},
		"put, bad SKU":          {"PUT", "/inventory/A%23B", "", asJSON, stock(`1`), nil, 422, `"sku_malformed"`},
		"put, another merchant": {"PUT", "/inventory/A", "", asJSON, ofAStranger, nil, 403, `"merchant_forbidden"`},
		"put, busy":             {"PUT", "/inventory/A", "", asJSON, stock(`1`), busy, 503, `"retryable":true`},
		"delete":                {"DELETE", "/inventory/A", "m", "", "", nil, 405, `"method_not_allowed"`},
	} {
		t.Run(name, func(t *testing.T) {
			store := &fakeStore{err: tc.err}
			header := map[string]string{"content-type": tc.kind}
			answer := call(t, store, request(tc.method, tc.path, tc.query, tc.body, header))
			require.Equal(t, tc.status, answer.StatusCode, answer.Body)
			require.Contains(t, answer.Body, tc.want)
			require.Equal(t, tc.status != 200 && tc.err == nil || tc.method != "PUT", store.counted == inventory.Count{})
		})
	}
}

// TestATokenOutlivesItsMerchant: by 15 minutes at most.
func TestATokenOutlivesItsMerchant(t *testing.T) {
	const stock, movement = `{"merchant_id":"gone","on_hand":1}`, `{"merchant_id":"gone","delta":1,"reason":"x"}`
	header := map[string]string{"content-type": asJSON, "idempotency-key": aKey}
	for name, e := range map[string]lambdaevents.APIGatewayProxyRequest{
		"get":  request("GET", "/inventory/A", "", "", nil),
		"put":  request("PUT", "/inventory/A", "", stock, header),
		"move": request("POST", "/inventory/A/movements", "", movement, header),
	} {
		t.Run(name, func(t *testing.T) {
			store := &fakeStore{of: "gone"}
			answer := call(t, store, e)
			require.Equal(t, http.StatusNotFound, answer.StatusCode)
			require.Contains(t, answer.Body, "merchant_not_found")
			require.Equal(t, &fakeStore{of: "gone"}, store)
		})
	}
}

func TestCountsWithHeaders(t *testing.T) {
	key, err := idempotency.ParseKey("m", aKey)
	require.NoError(t, err)
	version := int64(7)
	plain := inventory.Count{MerchantID: "m", SKU: "A", OnHand: 1000}
	keyed, conditional := plain, plain
	keyed.Key, conditional.IfMatch = key.Hash(), &version
	for name, tc := range map[string]struct {
		header map[string]string
		want   inventory.Count
		code   string
	}{
		"none":              {nil, plain, ""},
		"a key":             {map[string]string{"idempotency-key": aKey}, keyed, ""},
		"a quoted key":      {map[string]string{"Idempotency-Key": `"` + aKey + `"`}, keyed, ""},
		"a key, no UUID":    {map[string]string{"Idempotency-Key": "order-77"}, inventory.Count{}, "idempotency_key_invalid"},
		"If-Match":          {map[string]string{"if-match": `"7"`}, conditional, ""},
		"If-Match, no ETag": {map[string]string{"If-Match": `7`}, inventory.Count{}, "if_match_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			header := map[string]string{"content-type": asJSON}
			maps.Copy(header, tc.header)
			store := &fakeStore{}
			answer := call(t, store, request("PUT", "/inventory/A", "", `{"merchant_id":"m","on_hand":1}`, header))
			require.Equal(t, tc.want, store.counted)
			require.Contains(t, answer.Body, tc.code)
			if tc.code == "" {
				require.Equal(t, `"8"`, answer.Headers["Etag"])
			}
		})
	}
}

func TestMovements(t *testing.T) {
	key, err := idempotency.ParseKey("m", aKey)
	require.NoError(t, err)
	const body = `{"merchant_id":"m","delta":-2.5,"reason":"broken"}`
	const ofAStranger = `{"merchant_id":"stranger","delta":1,"reason":"x"}`
	short := &problem.Error{Kind: problem.Conflict, Code: "on_hand_out_of_range"}
	for name, tc := range map[string]struct {
		path, key, body string
		err             error
		status          int
		want            string
	}{
		"a loss":           {"/inventory/A%2FB/movements", aKey, body, nil, 200, `"sku":"A/B"`},
		"without a key":    {"/inventory/A/movements", "", body, nil, 400, "idempotency_key_missing"},
		"another merchant": {"/inventory/A/movements", aKey, ofAStranger, nil, 403, "merchant_forbidden"},
		"too much":         {"/inventory/A/movements", aKey, body, short, 409, "on_hand_out_of_range"},
		"without a reason": {"/inventory/A/movements", aKey, `{"merchant_id":"m","delta":1}`, nil, 422, `"field":"reason"`},
		"no JSON":          {"/inventory/A/movements", aKey, `delta=1`, nil, 400, "body_not_json"},
	} {
		t.Run(name, func(t *testing.T) {
			store := &fakeStore{err: tc.err}
			header := map[string]string{"content-type": asJSON, "idempotency-key": tc.key}
			answer := call(t, store, request("POST", tc.path, "", tc.body, header))
			require.Equal(t, tc.status, answer.StatusCode, answer.Body)
			require.Contains(t, answer.Body, tc.want)
			if tc.status == 200 {
				want := inventory.Movement{MerchantID: "m", SKU: "A/B", Delta: -2500, Reason: "broken", Key: key.Hash()}
				require.Equal(t, want, store.moved)
				require.Equal(t, []string{`"8"`, "true"},
					[]string{answer.Headers["Etag"], answer.Headers["X-Idempotent-Replayed"]})
			}
		})
	}
}
