package httpapi_test

import (
	"context"
	"strconv"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
)

func TestAccepted(t *testing.T) {
	t.Parallel()
	const first, second = "application/json", "application/jose"
	rt := httpapi.Router{Now: router().Now, Log: router().Log, Routes: []httpapi.Route{{
		Method: "GET", Pattern: "/x", Scope: httpapi.Public,
		Handle: func(_ context.Context, r httpapi.Request) (httpapi.Response, error) {
			return httpapi.Response{Status: 200, Body: []byte(r.Accepted(first, second))}, nil
		},
	}}}
	for accept, want := range map[string]string{
		"":                                       first,
		"*/*":                                    first,
		"application/*":                          first,
		first:                                    first,
		second:                                   second,
		"Application/JOSE":                       second,
		second + ";q=0":                          first,
		second + "; q=0.0":                       first,
		second + ", " + first:                    first,
		second + ", " + first + ";q=0.9":         second,
		second + ";q=0.9, " + first:              first,
		second + ";q=0.1, */*;q=0.2":             first,
		second + ";q=0.3, */*;q=0.2":             second,
		second + ", */*":                         first,
		"application/*;q=0.1, " + second:         second,
		first + ";q=0, */*":                      second,
		"*/*;q=0":                                first,
		"text/html, " + second + ";q=0.001":      second,
		"text/html":                              first,
		second + ";q=2":                          first,
		second + ";q=-1":                         first,
		second + ";q=NaN":                        first,
		second + ";q=x":                          first,
		";;," + second:                           second,
		second + ";v=1":                          second,
		"application/jose+json":                  first,
		second + ";q=0.2," + second + ";q=0.5":   second,
		first + ";q=0.4, " + second + "; Q=0.5":  second,
		first + ";q=0.4 ,," + second + " ;q=0.5": second,
	} {
		t.Run(strconv.Quote(accept), func(t *testing.T) {
			t.Parallel()
			e := lambdaevents.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/x"}
			if accept != "" {
				e.Headers = map[string]string{"accept": accept}
			}
			require.Equal(t, want, httpapi.Invoke(t.Context(), rt.Handler(), e).Body)
		})
	}
}
