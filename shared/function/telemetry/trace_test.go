package telemetry_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
)

// incoming decodes an event; one that is malformed belongs to no trace.
func incoming(payload string) telemetry.Incoming {
	var in telemetry.Incoming
	if json.Unmarshal([]byte(payload), &in) != nil {
		return telemetry.Incoming{}
	}
	return in
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

// span as a line has it.
type span struct {
	Span, Kind, Parent, Status string
	TraceID                    string `json:"trace_id"`
	SpanID                     string `json:"span_id"`
	Links                      []struct {
		TraceID string `json:"trace_id"`
		SpanID  string `json:"span_id"`
	}
	Start, End time.Time
	Attributes map[string]string
}

// spans that were ended since the last flush, by name.
func (r recording) spans(t *testing.T) map[string]span {
	t.Helper()
	r.out.all = nil
	require.NoError(t, r.Flush(t.Context()))
	all := map[string]span{}
	for _, text := range r.out.all {
		var s span
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		if s.Span != "" {
			all[s.Span] = s
		}
	}
	return all
}

const (
	root   = "0af7651916cd43dd8448eb211c80319c"
	above  = "b7ad6b7169203331"
	w3c    = "00-" + root + "-" + above + "-01"
	xrayed = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=" + above + ";Sampled=1"
)

// TestWhoseTraceAnInvocationBelongsTo goes through every way that an event comes.
func TestWhoseTraceAnInvocationBelongsTo(t *testing.T) {
	t.Parallel()
	const other = "00-11111111111111111111111111111111-2222222222222222-01"
	for name, tc := range map[string]struct{ payload, platform, parent string }{
		"nobody's":                {payload: `{}`},
		"a request's":             {payload: `{"httpMethod":"POST","headers":{"Traceparent":"` + w3c + `"}}`, parent: above},
		"a request's, by X-Ray":   {payload: `{"httpMethod":"GET","headers":{"x-amzn-trace-id":"` + xrayed + `"}}`, parent: above},
		"the caller's word first": {payload: `{"httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"Root=1-11111111-111111111111111111111111;Parent=2222222222222222;Sampled=1","traceparent":"` + w3c + `"}}`, parent: above},
		"a call's":                {payload: `{"saga_id":"s","traceparent":"` + w3c + `"}`, platform: "Root=1-11111111-111111111111111111111111;Parent=2222222222222222;Sampled=1", parent: above},
		"the platform's":          {payload: `{}`, platform: "Self=1;" + xrayed + ";Lineage=x", parent: above},
		"nonsense":                {payload: `{"traceparent":"00-zz-1-01"}`, platform: "Root=1-xyz;Parent=q;Sampled"},
		"no JSON":                 {payload: `[`},
		"a batch has many":        {payload: `{"traceparent":"` + other + `","Records":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record(t)
			ctx := context.WithValue(t.Context(), "x-amzn-trace-id", tc.platform) //nolint:staticcheck // aws-lambda-go's key
			_, end := r.Invocation(ctx, incoming(tc.payload))
			end(nil)
			spans := r.spans(t)
			require.Len(t, spans, 1)
			for _, s := range spans {
				require.Equal(t, tc.parent, s.Parent)
				require.Equal(t, tc.parent != "", s.TraceID == root)
			}
		})
	}
}

// TestMessagesOfABatch: each is handled in its sender's trace, linked to the batch.
func TestMessagesOfABatch(t *testing.T) {
	t.Parallel()
	r := record(t)
	parent := w3c
	m := lambdaevents.SQSMessage{MessageId: "m-1", MessageAttributes: map[string]lambdaevents.SQSMessageAttribute{"traceparent": {StringValue: &parent, DataType: "String"}}}
	payload, err := json.Marshal(lambdaevents.SQSEvent{Records: []lambdaevents.SQSMessage{m}})
	require.NoError(t, err)
	for how, m := range map[string]lambdaevents.SQSMessage{
		"attribute": m,
		"X-Ray":     {Attributes: map[string]string{"AWSTraceHeader": xrayed}},
		"the bus":   {Body: `{"detail":{"traceparent":"` + w3c + `"}}`},
	} {
		ctx, end := r.Invocation(t.Context(), incoming(string(payload)))
		under, handled := telemetry.Message(ctx, m)
		require.Contains(t, telemetry.TraceParent(under), root, how)
		handled(errors.New("no"))
		end(nil)
		got := r.spans(t)
		require.Equal(t, above, got["message"].Parent, how)
		require.Equal(t, "error", got["message"].Status, how)
		require.Equal(t, got["batch"].SpanID, got["message"].Links[0].SpanID, how)
		require.Equal(t, above, got["batch"].Links[0].SpanID, how)
		require.NotEqual(t, root, got["batch"].TraceID, how)
	}
}

// TestTheCallersDecisionIsKept: what was not sampled is not, whatever our own share.
func TestTheCallersDecisionIsKept(t *testing.T) {
	t.Parallel()
	r := record(t)
	ctx, end := r.Invocation(t.Context(), incoming(`{"traceparent":"`+strings.TrimSuffix(w3c, "1")+`0"}`))
	require.Equal(t, root, telemetry.TraceParent(ctx)[3:35], "and is handed on")
	end(nil)
	require.Empty(t, r.spans(t))
}

// TestThePlatformSamplesAndWeKeepAShare: each invocation comes with a trace that Lambda
// began, which is nobody's decision about ours.
func TestThePlatformSamplesAndWeKeepAShare(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"the platform's": `{}`, "a request's": `{"httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"` + xrayed + `"}}`,
		"a caller who has decided": `{"traceparent":"` + w3c + `"}`,
	} {
		r := recordAs(t, telemetry.Stdout, 0)
		ctx := context.WithValue(t.Context(), "x-amzn-trace-id", xrayed) //nolint:staticcheck // aws-lambda-go's key
		ctx, end := r.Invocation(ctx, incoming(payload))
		require.Equal(t, root, telemetry.TraceParent(ctx)[3:35], name)
		end(nil)
		require.Equal(t, name == "a caller who has decided", len(r.spans(t)) == 1, name)
	}
}

func TestLogLinesAreJoined(t *testing.T) {
	t.Parallel()
	r := record(t)
	var out bytes.Buffer
	log := telemetry.Logger(&out, "info", 1)
	ctx, end := r.Invocation(t.Context(), incoming(`{"traceparent":"`+w3c+`"}`))
	func(ctx context.Context) {
		telemetry.Saga(ctx, "saga-1", "")
		telemetry.Saga(ctx, "saga-2", "merchant-1")
	}(ctx)
	log.WarnContext(ctx, "one")
	log.With(slog.String(telemetry.SagaID, "own")).InfoContext(telemetry.WithScope(ctx, slog.String("message_id", "m")), "two", slog.String(telemetry.MerchantID, "mine"))
	end(nil)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	for i, want := range []map[string]string{
		{"saga_id": "saga-2", "merchant_id": "merchant-1", "trace_id": root, "msg": "one"},
		{"saga_id": "own", "merchant_id": "mine", "message_id": "m", "trace_id": root, "msg": "two"},
	} {
		var line map[string]string
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &line))
		for k, v := range want {
			require.Equal(t, v, line[k], "%s", lines[i])
			require.Equal(t, 1, strings.Count(lines[i], `"`+k+`":`), "%s", lines[i])
		}
		require.Len(t, line["span_id"], 16)
	}
}

// TestLogSampling: of what goes well a share of the traces is told, whole; of what does
// not, all.
func TestLogSampling(t *testing.T) {
	t.Parallel()
	r := record(t)
	var out bytes.Buffer
	log := telemetry.Logger(&out, "info", 0.25)
	const traces = 2000
	for range traces {
		ctx, end := r.Invocation(t.Context(), telemetry.Incoming{})
		log.InfoContext(ctx, "begun")
		log.InfoContext(ctx, "done")
		log.WarnContext(ctx, "odd")
		end(nil)
	}
	require.Equal(t, traces, strings.Count(out.String(), `"odd"`))
	begun := strings.Count(out.String(), `"begun"`)
	require.Equal(t, begun, strings.Count(out.String(), `"done"`), "all lines of a trace, or none")
	require.InDelta(t, traces/4, begun, traces/10)
	out.Reset()
	log.InfoContext(t.Context(), "outside of any trace")
	require.NotEmpty(t, out.String())
}
