//go:build integration

package integration_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// TestRawRequests sends bytes that no HTTP client would to the deployed stack. What the gateway
// refuses by itself is in tools/local; these reach a function, and none of them the emulator's
// own API.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	f := setup(t)
	get := func(target string) string { return "GET " + target + " HTTP/1.1\r\n\r\n" }
	post := func(header, body string) string {
		return "POST /invoices HTTP/1.1\r\nContent-Type: application/json\r\n" + header +
			fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
	}
	key := "Idempotency-Key: " + client.NewKey() + "\r\n"
	key2 := "Idempotency-Key: " + client.NewKey() + "\r\n"
	chunks := "124f80\r\n" + strings.Repeat(" ", 1_200_000) + "\r\n0\r\n\r\n"
	chunked := "POST /invoices HTTP/1.1\r\nContent-Type: application/json\r\n" + key +
		"Transfer-Encoding: chunked\r\n\r\n" + chunks
	target := "POST /invoices HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{}"
	manyKeys := "{" + strings.Repeat(`"a":1,`, 20_000) + `"a":1}`
	overrides := "X-HTTP-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\nX-Method-Override: DELETE\r\n"
	for name, tc := range map[string]struct {
		send   string
		status int
		code   string
	}{
		"traversal":                 {get("/../../../../_ministack/health"), 404, "route_not_found"},
		"traversal, encoded":        {get("/%2e%2e/%2e%2e/%2e%2e/%2e%2e/_ministack/health"), 404, "route_not_found"},
		"traversal, encoded slash":  {get("/..%2f..%2f..%2f..%2f_localstack/health"), 404, "route_not_found"},
		"traversal, encoded twice":  {get("/%252e%252e/%252e%252e/health"), 404, "route_not_found"},
		"traversal, backslash":      {get(`/..\..\health`), 404, "route_not_found"},
		"traversal, path parameter": {get("/..;/..;/health"), 404, "route_not_found"},
		"traversal, overlong UTF-8": {get("/%c0%ae%c0%ae/health"), 404, "route_not_found"},
		"traversal below a route":   {get("/invoices/%2e%2e%2fhealth"), 404, "invoice_not_found"},
		"double slash":              {get("//_ministack/health"), 404, "route_not_found"},
		"encoded NUL":               {get("/invoices/%00"), 404, "invoice_not_found"},
		"the emulator's own action": {target, 415, "unsupported_media_type"},
		"method overrides":          {post(key+overrides, "{}"), 422, "invalid_request"},
		"two keys":                  {post(key+key2, "{}"), 400, "idempotency_key_invalid"},
		"one key twice":             {post(key+key, "{}"), 400, "idempotency_key_invalid"},
		"key for this hop alone":    {post("Connection: Idempotency-Key\r\n"+key, "{}"), 400, "idempotency_key_missing"},
		"two content types":         {post(key+"Content-Type: text/plain\r\n", "{}"), 415, "unsupported_media_type"},
		"repeated parameter":        {get("/invoices?merchant_id=a&merchant_id=b"), 400, "invalid_query"},
		"malformed escape":          {get("/invoices?merchant_id=a&status=%zz"), 400, "refused_by_gateway"},
		"chunks of 1.2 MB":          {chunked, 413, "body_too_large"},
		"100,000 brackets":          {post(key, strings.Repeat("[", 100_000)), 400, "body_too_deep"},
		"20,000 keys":               {post(key, manyKeys), 400, "duplicate_field"},
		"1e400":                     {post(key, `{"total_amount":1e400}`), 422, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, header, body := f.exchange(t, tc.send)
			require.Equal(t, tc.status, status, "%s", body)
			require.Equal(t, "application/problem+json", header.Get("Content-Type"))
			var document struct{ Code string }
			require.NoError(t, json.Unmarshal(body, &document))
			require.Equal(t, tc.code, document.Code, "%s", body)
		})
	}
}

// exchange sends bytes, with a Host after the request line, and returns the answer.
func (f *fixture) exchange(t *testing.T, send string) (status int, header http.Header, body []byte) {
	t.Helper()
	api, err := url.Parse(f.URL)
	require.NoError(t, err)
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", api.Host)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	line, rest, _ := strings.Cut(send, "\r\n")
	_, err = io.WriteString(c, line+"\r\nHost: "+api.Host+"\r\nConnection: close\r\n"+rest)
	require.NoError(t, err)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	body, err = io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, r.Header, body
}
