package httpapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

func router() httpapi.Router {
	at := func(method, pattern string, h httpapi.Handler) httpapi.Route {
		return httpapi.Route{Method: method, Pattern: pattern, Scope: httpapi.Public, Handle: h}
	}
	return httpapi.Router{
		Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler),
		Elsewhere: []string{"POST /invoices"},
		Routes: []httpapi.Route{
			at("GET", "/invoices", func(context.Context, httpapi.Request) (httpapi.Response, error) {
				return httpapi.JSON(200, "list")
			}),
			at("GET", "/invoices/{id}", func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
				return httpapi.JSON(200, map[string]string{"id": r.Param("id")})
			}),
			at("POST", "/invoices/preview", func(context.Context, httpapi.Request) (httpapi.Response, error) {
				return httpapi.JSON(200, "preview")
			}),
			at("PUT", "/echo", func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
				body, err := r.JSONBody()
				return httpapi.Response{Status: 200, Body: body}, err
			}),
			at("GET", "/panic", func(context.Context, httpapi.Request) (httpapi.Response, error) { panic("secret") }),
			at("GET", "/fault", func(context.Context, httpapi.Request) (httpapi.Response, error) {
				return httpapi.Response{}, errors.New("secret table")
			}),
			at("GET", "/down", func(context.Context, httpapi.Request) (httpapi.Response, error) {
				return httpapi.Response{}, &problem.Error{
					Kind: problem.Unavailable, Code: "down", Retryable: true,
					RetryAfter: 1500 * time.Millisecond, Cause: errors.New("secret"),
				}
			}),
		},
	}
}

func call(t *testing.T, e lambdaevents.APIGatewayProxyRequest) (lambdaevents.APIGatewayProxyResponse, map[string]any) {
	t.Helper()
	e.RequestContext.RequestID = "req-1"
	r := httpapi.Invoke(t.Context(), router().Handler(), e)
	require.Equal(t, "req-1", r.Headers["X-Request-Id"])
	require.NotContains(t, r.Body, "secret")
	var body map[string]any
	if strings.HasPrefix(r.Body, "{") {
		require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
	}
	return r, body
}

func TestRouting(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path string
		status       int
		code, allow  string
	}{
		"route":               {"GET", "/invoices", 200, "", ""},
		"trailing slash":      {"GET", "/invoices/", 200, "", ""},
		"parameter":           {"GET", "/invoices/a%2Fb", 200, "", ""},
		"unknown":             {"GET", "/nope", 404, "route_not_found", ""},
		"too deep":            {"GET", "/invoices/a/b", 404, "route_not_found", ""},
		"bad escape":          {"GET", "/invoices/%zz", 404, "route_not_found", ""},
		"method":              {"DELETE", "/invoices", 405, "method_not_allowed", "GET, HEAD, POST"},
		"spelled out":         {"POST", "/invoices/preview", 200, "", ""},
		"not a parameter":     {"GET", "/invoices/preview", 405, "method_not_allowed", "POST"},
		"panic":               {"GET", "/panic", 500, "internal", ""},
		"fault":               {"GET", "/fault", 500, "internal", ""},
		"unavailable":         {"GET", "/down", 503, "down", ""},
		"root is not a route": {"GET", "/", 404, "route_not_found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: tc.method, Path: tc.path})
			require.Equal(t, tc.status, r.StatusCode)
			require.Equal(t, tc.allow, r.Headers["Allow"])
			if tc.code != "" {
				require.Equal(t, "application/problem+json", r.Headers["Content-Type"])
				require.Equal(t, tc.code, body["code"])
				require.Equal(t, "urn:invochain:problem:"+tc.code, body["type"])
				require.Equal(t, "req-1", body["request_id"])
			}
		})
	}
}

func TestParameterIsDecoded(t *testing.T) {
	t.Parallel()
	_, body := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/invoices/a%2Fb"})
	require.Equal(t, map[string]any{"id": "a/b"}, body)
}

func TestRetryAfterIsRoundedUpToSeconds(t *testing.T) {
	t.Parallel()
	r, _ := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/down"})
	require.Equal(t, "2", r.Headers["Retry-After"])
}

func TestJSONBody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		contentType, body string
		base64            bool
		status            int
		code              string
	}{
		"plain":           {"application/json", "{}", false, 200, ""},
		"with charset":    {"application/json; charset=utf-8", "{}", false, 200, ""},
		"another charset": {"application/json; charset=ISO-8859-1", "{}", false, 415, "unsupported_media_type"},
		"base64":          {"application/json", base64.StdEncoding.EncodeToString([]byte("{}")), true, 200, ""},
		"broken base64":   {"application/json", "%", true, 400, "body_not_json"},
		"no content type": {"", "{}", false, 415, "unsupported_media_type"},
		"form":            {"application/x-www-form-urlencoded", "a=b", false, 415, "unsupported_media_type"},
		"byte order mark": {"application/json", "\ufeff{}", false, 200, ""},
		"too large":       {"application/json", strings.Repeat("x", strictjson.MaxBody+1), false, 413, "body_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := call(t, lambdaevents.APIGatewayProxyRequest{
				HTTPMethod: http.MethodPut, Path: "/echo", Body: tc.body, IsBase64Encoded: tc.base64,
				Headers: map[string]string{"content-type": tc.contentType},
			})
			require.Equal(t, tc.status, r.StatusCode)
			if tc.code != "" {
				require.Equal(t, tc.code, body["code"])
			}
		})
	}
}

func TestCompressedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	for encoding, status := range map[string]int{"": 200, "identity": 200, "gzip": 415, "br, identity": 415} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			r, _ := call(t, lambdaevents.APIGatewayProxyRequest{
				HTTPMethod: http.MethodPut, Path: "/echo", Body: "{}",
				Headers: map[string]string{"content-type": "application/json", "content-encoding": encoding},
			})
			require.Equal(t, status, r.StatusCode)
		})
	}
}

// TestRepeatedHeadersAreOneList: API Gateway has the last of them in Headers and all in
// MultiValueHeaders. Two keys must not be taken for the second one.
func TestRepeatedHeadersAreOneList(t *testing.T) {
	t.Parallel()
	var got string
	rt := httpapi.Router{Now: router().Now, Log: router().Log, Routes: []httpapi.Route{{
		Method: "GET", Pattern: "/x", Scope: httpapi.Public,
		Handle: func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
			got = r.Header("Idempotency-Key")
			return httpapi.JSON(200, got)
		},
	}}}
	for want, e := range map[string]lambdaevents.APIGatewayProxyRequest{
		"":  {},
		"a": {Headers: map[string]string{"idempotency-key": "a"}},
		"b": {
			Headers:           map[string]string{"Idempotency-Key": "b"},
			MultiValueHeaders: map[string][]string{"Idempotency-Key": {"b"}},
		},
		"a, b": {
			Headers:           map[string]string{"idempotency-key": "b"},
			MultiValueHeaders: map[string][]string{"idempotency-key": {"a", "b"}},
		},
	} {
		e.HTTPMethod, e.Path = "GET", "/x"
		httpapi.Invoke(t.Context(), rt.Handler(), e)
		require.Equal(t, want, got)
	}
}

func TestAWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/echo":     "method not allowed; use PUT",
		"/invoices": "method not allowed; use GET, HEAD or POST",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, body := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: "DELETE", Path: path})
			require.Equal(t, want, body["detail"])
		})
	}
}

func ExampleRouter() {
	e := lambdaevents.APIGatewayProxyRequest{HTTPMethod: "DELETE", Path: "/invoices"}
	r := httpapi.Invoke(context.Background(), router().Handler(), e)
	fmt.Println(r.StatusCode, r.Headers["Allow"], r.Headers["Content-Type"])
	// Output: 405 GET, HEAD, POST application/problem+json
}

// TestRoutesFailClosed: a route without a scope, or without a guard, serves no caller.
func TestRoutesFailClosed(t *testing.T) {
	t.Parallel()
	rt := router()
	for i := range rt.Routes {
		rt.Routes[i].Scope = ""
	}
	for _, path := range []string{"/invoices", "/invoices/a", "/panic"} {
		e := lambdaevents.APIGatewayProxyRequest{HTTPMethod: "GET", Path: path}
		r := httpapi.Invoke(t.Context(), rt.Handler(), e)
		require.Equal(t, http.StatusUnauthorized, r.StatusCode)
		require.Contains(t, r.Body, "invalid_token")
	}
}
