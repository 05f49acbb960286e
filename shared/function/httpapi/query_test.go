package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	rt := httpapi.Router{
		Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler),
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Pattern: "/x", Scope: httpapi.Public, Query: []string{"limit", "cursor"},
			Handle: func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
				return httpapi.JSON(http.StatusOK, r.Query("limit"))
			},
		}},
	}
	long := strings.Repeat("a", 3000)
	for name, tc := range map[string]struct {
		query map[string][]string
		want  string
	}{
		"none":     {nil, `""`},
		"known":    {map[string][]string{"limit": {"7"}}, `"7"`},
		"unknown":  {map[string][]string{"limit": {"7"}, "limits": {"8"}}, `"field":"limits"`},
		"case":     {map[string][]string{"Limit": {"7"}}, `"field":"Limit"`},
		"repeated": {map[string][]string{"limit": {"7", "7"}}, `"message":"must be given once"`},
		"too long": {map[string][]string{"cursor": {long}}, `"message":"must have at most 400 bytes"`},
		"long":     {map[string][]string{"cursor": {long[:400]}}, `""`},
		"its name": {map[string][]string{long: {"7"}}, `"field":"` + long[:64] + `…"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := lambdaevents.APIGatewayProxyRequest{
				HTTPMethod: http.MethodGet, Path: "/x", MultiValueQueryStringParameters: tc.query,
				QueryStringParameters: map[string]string{},
			}
			for name, values := range tc.query {
				e.QueryStringParameters[name] = values[len(values)-1]
			}
			r := httpapi.Invoke(t.Context(), rt.Handler(), e)
			require.Contains(t, r.Body, tc.want)
			if strings.HasPrefix(tc.want, `"field"`) || strings.HasPrefix(tc.want, `"message"`) {
				require.Equal(t, http.StatusBadRequest, r.StatusCode)
				require.Contains(t, r.Body, `"code":"invalid_query"`)
			}
		})
	}
}

func TestARouteMayJudgeItsQuery(t *testing.T) {
	t.Parallel()
	e := lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: "/x", QueryStringParameters: map[string]string{"secret": ""},
		MultiValueQueryStringParameters: map[string][]string{"twice": {"a", "b"}},
	}
	var has []bool
	router := httpapi.Router{
		Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler),
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Pattern: "/x", Scope: httpapi.Public, AnyQuery: true,
			Handle: func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
				has = []bool{r.HasQuery("secret"), r.HasQuery("twice"), r.HasQuery("other")}
				return httpapi.JSON(http.StatusOK, struct{}{})
			},
		}},
	}
	r := httpapi.Invoke(t.Context(), router.Handler(), e)
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.Equal(t, []bool{true, true, false}, has)
}
