package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
)

const (
	root  = "0af7651916cd43dd8448eb211c80319c"
	above = "b7ad6b7169203331"
	w3c   = "00-" + root + "-" + above + "-01"
	xray  = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=" + above + ";Sampled=1"
)

// TestTheParentOfAnInvocation covers every carrier of a trace.
func TestTheParentOfAnInvocation(t *testing.T) {
	t.Parallel()
	const (
		other     = "00-11111111111111111111111111111111-2222222222222222-01"
		otherXRay = "Root=1-11111111-111111111111111111111111;Parent=2222222222222222;Sampled=1"
	)
	for name, tc := range map[string]struct{ payload, platform, parent string }{
		"none": {payload: `{}`},
		"request": {
			payload: `{"httpMethod":"POST","headers":{"Traceparent":"` + w3c + `"}}`, parent: above,
		},
		"request by X-Ray": {
			payload: `{"httpMethod":"GET","headers":{"x-amzn-trace-id":"` + xray + `"}}`, parent: above,
		},
		"request by both": {
			payload: `{"httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"` + otherXRay + `","traceparent":"` + w3c + `"}}`,
			parent:  above,
		},
		"invoke": {
			payload: `{"saga_id":"s","traceparent":"` + w3c + `"}`, platform: otherXRay, parent: above,
		},
		"platform": {payload: `{}`, platform: "Self=1;" + xray + ";Lineage=x", parent: above},
		"malformed": {
			payload: `{"traceparent":"00-zz-1-01"}`, platform: "Root=1-xyz;Parent=q;Sampled",
		},
		"not JSON":              {payload: `[`},
		"a batch has no parent": {payload: `{"traceparent":"` + other + `","Records":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			ctx := context.WithValue(t.Context(), "x-amzn-trace-id", tc.platform) //nolint:staticcheck // aws-lambda-go's key
			_, end := f.Invocation(ctx, incoming(tc.payload))
			end(nil)
			spans := f.spans(t)
			require.Len(t, spans, 1)
			for _, s := range spans {
				require.Equal(t, tc.parent, s.Parent)
				require.Equal(t, tc.parent != "", s.TraceID == root)
			}
		})
	}
}

// TestMessagesOfABatch: each is handled in its sender's trace, with a link to the batch.
func TestMessagesOfABatch(t *testing.T) {
	t.Parallel()
	parent := w3c
	m := lambdaevents.SQSMessage{
		MessageId: "m-1",
		MessageAttributes: map[string]lambdaevents.SQSMessageAttribute{
			"traceparent": {StringValue: &parent, DataType: "String"},
		},
	}
	payload, err := json.Marshal(lambdaevents.SQSEvent{Records: []lambdaevents.SQSMessage{m}})
	require.NoError(t, err)
	for name, m := range map[string]lambdaevents.SQSMessage{
		"attribute": m,
		"X-Ray":     {Attributes: map[string]string{"AWSTraceHeader": xray}},
		"event bus": {Body: `{"detail":{"traceparent":"` + w3c + `"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			ctx, end := f.Invocation(t.Context(), incoming(string(payload)))
			messageCtx, endMessage := telemetry.Message(ctx, m)
			require.Contains(t, telemetry.TraceParent(messageCtx), root)
			endMessage(errors.New("no"))
			end(nil)
			got := f.spans(t)
			require.Equal(t, above, got["message"].Parent)
			require.Equal(t, "error", got["message"].Status)
			require.Equal(t, got["batch"].SpanID, got["message"].Links[0].SpanID)
			require.Equal(t, above, got["batch"].Links[0].SpanID)
			require.NotEqual(t, root, got["batch"].TraceID)
		})
	}
}

// TestTheCallersDecisionIsKept: a trace that the caller does not sample is not sampled,
// whatever the own sample.
func TestTheCallersDecisionIsKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, end := f.Invocation(t.Context(), incoming(`{"traceparent":"`+strings.TrimSuffix(w3c, "1")+`0"}`))
	require.Equal(t, root, telemetry.TraceParent(ctx)[3:35], "the trace is passed on")
	end(nil)
	require.Empty(t, f.spans(t))
}

// TestOfThePlatformsTracesAShareIsKept: Lambda starts a trace for each invocation, which
// is no decision of a caller.
func TestOfThePlatformsTracesAShareIsKept(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		payload string
		sampled bool
	}{
		"platform": {payload: `{}`},
		"request":  {payload: `{"httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"` + xray + `"}}`},
		"caller":   {payload: `{"traceparent":"` + w3c + `"}`, sampled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setupMode(t, telemetry.Stdout, 0)
			ctx := context.WithValue(t.Context(), "x-amzn-trace-id", xray) //nolint:staticcheck // aws-lambda-go's key
			ctx, end := f.Invocation(ctx, incoming(tc.payload))
			require.Equal(t, root, telemetry.TraceParent(ctx)[3:35])
			end(nil)
			require.Equal(t, tc.sampled, len(f.spans(t)) == 1)
		})
	}
}
