package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func newRuntime(t *testing.T) function.Runtime {
	t.Helper()
	t.Setenv("AWS_REGION", "ap-south-1")
	rt, ok := function.Boot(t.Context(), env.New(func(string) string { return "" }), &bytes.Buffer{}, realTime())
	require.True(t, ok)
	return rt
}

func TestDispatchGoesByTheShapeOfTheEvent(t *testing.T) {
	all := function.Dispatch{
		HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.URL.Path+string(body)+r.Header.Get("a"))
		}),
		Queue: func(_ context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
			failures := []lambdaevents.SQSBatchItemFailure{{ItemIdentifier: e.Records[0].MessageId}}
			return lambdaevents.SQSEventResponse{BatchItemFailures: failures}, nil
		},
		Invoke: func(_ context.Context, payload json.RawMessage) (any, error) { return payload, nil },
	}
	for name, tc := range map[string]struct{ event, want string }{
		"request": {
			`{"httpMethod":"GET","path":"/x","body":"b","headers":{"a":"h"}}`,
			`{"statusCode":200,"headers":{},"multiValueHeaders":null,"body":"/xbh"}`,
		},
		"batch":    {`{"Records":[{"messageId":"m-1","body":"b"}]}`, `{"batchItemFailures":[{"itemIdentifier":"m-1"}]}`},
		"payload":  {`{"saga_id":"s","lines":[1]}`, `{"saga_id":"s","lines":[1]}`},
		"schedule": {`{}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := newRuntime(t).Handler(all).Invoke(t.Context(), []byte(tc.event))
			require.NoError(t, err)
			require.JSONEq(t, tc.want, string(out))
		})
	}
}

func TestDispatchRefusesWhatItDoesNotServe(t *testing.T) {
	queue := function.Dispatch{Queue: func(context.Context, lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
		return lambdaevents.SQSEventResponse{}, nil
	}}
	for name, event := range map[string]string{"another shape": `{"httpMethod":"GET"}`, "not JSON": `{`} {
		t.Run(name, func(t *testing.T) {
			out, err := newRuntime(t).Handler(queue).Invoke(t.Context(), []byte(event))
			require.Empty(t, out)
			require.IsType(t, messages.InvokeResponse_Error{}, err)
		})
	}
}

func TestInputRefusesAMalformedPayload(t *testing.T) {
	h := newRuntime(
		t,
	).Handler(function.Dispatch{Invoke: function.Input(func(context.Context, struct{ A int }) (any, error) {
		return nil, errors.New("not reached")
	})})
	_, err := h.Invoke(t.Context(), []byte(`{"A":"x"}`))
	require.ErrorContains(t, err, "decode the payload")
}
