package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"
)

func TestHeadIsGetWithoutItsBody(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{
		"/invoices": 200, "/invoices/a": 200, "/nope": 404, "/fault": 500, "/down": 503, "/echo": 405,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			get, _ := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: path})
			head, _ := call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodHead, Path: path})
			require.Equal(t, status, head.StatusCode)
			require.Equal(t, get.StatusCode, head.StatusCode)
			require.Equal(t, get.Headers, head.Headers)
			require.NotEmpty(t, get.Body)
			require.Empty(t, head.Body)
			require.Equal(t, status == http.StatusOK, head.Headers["Etag"] != "")
		})
	}
}

func TestConditionalReads(t *testing.T) {
	t.Parallel()
	read := lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: "/invoices/a"}
	first, _ := call(t, read)
	tag := first.Headers["Etag"]
	require.Regexp(t, `^"[A-Za-z0-9_-]{22}"$`, tag)
	read.Path = "/invoices/b"
	other, _ := call(t, read)
	require.NotEqual(t, tag, other.Headers["Etag"])
	for name, tc := range map[string]struct {
		lines  []string
		status int
	}{
		"none":            {nil, 200},
		"empty":           {[]string{""}, 200},
		"the same":        {[]string{tag}, 304},
		"weak":            {[]string{"W/" + tag}, 304},
		"any":             {[]string{"*"}, 304},
		"in a list":       {[]string{`"x", W/"y" ,` + tag}, 304},
		"in a second one": {[]string{`"x"`, tag}, 304},
		"another":         {[]string{other.Headers["Etag"]}, 200},
		"not quoted":      {[]string{strings.Trim(tag, `"`)}, 200},
		"weak, in lower":  {[]string{"w/" + tag}, 200},
		"any in a list":   {[]string{`"x", *`}, 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				e := lambdaevents.APIGatewayProxyRequest{HTTPMethod: method, Path: "/invoices/a"}
				if len(tc.lines) > 0 {
					e.Headers = map[string]string{"if-none-match": tc.lines[len(tc.lines)-1]}
					e.MultiValueHeaders = map[string][]string{"if-none-match": tc.lines}
				}
				r, _ := call(t, e)
				require.Equal(t, tc.status, r.StatusCode)
				require.Equal(t, tag, r.Headers["Etag"])
				require.Equal(t, "no-store", r.Headers["Cache-Control"])
				if tc.status == http.StatusNotModified {
					require.Empty(t, r.Body)
					require.NotContains(t, r.Headers, "Content-Type")
				}
			})
		}
	}
}

func TestOnlyReadsAreConditional(t *testing.T) {
	t.Parallel()
	r, _ := call(t, lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodPut, Path: "/echo", Body: "{}",
		Headers: map[string]string{"content-type": "application/json", "if-none-match": "*"},
	})
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.NotContains(t, r.Headers, "ETag")
	r, _ = call(t, lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: "/nope", Headers: map[string]string{"if-none-match": "*"},
	})
	require.Equal(t, http.StatusNotFound, r.StatusCode)
}
