package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/resilience"
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

// TestABusyProcessSendsA500AtOnce: it may be frozen after it, with the metric of an alarm.
func TestABusyProcessSendsA500AtOnce(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	synctest.Test(t, func(t *testing.T) {
		vars := env.New(func(name string) string { return map[string]string{"INVOCHAIN_TRACE_SAMPLE": "0"}[name] })
		var out bytes.Buffer
		rt, ok := function.Boot(t.Context(), vars, &out, realTime())
		require.True(t, ok)
		h := rt.Handler(function.Dispatch{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			telemetry.Add(r.Context(), metric.AuditAlterations, 1)
			if r.URL.Path == "/500" {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})})
		lines := func(path string) int {
			before := bytes.Count(out.Bytes(), []byte("\n"))
			_, err := h.Invoke(t.Context(), []byte(`{"httpMethod":"GET","path":"`+path+`"}`))
			require.NoError(t, err)
			return bytes.Count(out.Bytes(), []byte("\n")) - before
		}
		for range 30 {
			lines("/")
			require.NoError(t, resilience.Sleep(t.Context(), 50*time.Millisecond))
		}
		require.Zero(t, lines("/"), "it gathers")
		require.Equal(t, 1, lines("/500"))
		require.Zero(t, lines("/"))
	})
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
