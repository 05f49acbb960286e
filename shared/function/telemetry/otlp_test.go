package telemetry_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

func TestSpansAreSentByOTLPAndMetricsAreLines(t *testing.T) {
	t.Parallel()
	f := setupOTLP(t)
	telemetry.Add(f.ctx, metric.SagaStarted, 3)
	ctx, end := f.Invocation(f.ctx, incoming(`{"Records":[{"messageId":"m","messageAttributes":`+
		`{"traceparent":{"stringValue":"`+w3c+`"}}}]}`))
	_, endStep := telemetry.Step(ctx, "Log Audit")
	endStep("failed")
	end(nil)
	f.flushUntil(t, func() bool { return f.receiver.spans() == 2 })
	require.Len(t, f.out.lines(), 1, "no span is a line")
	require.Len(t, f.deltas(t), 2, "the saga, and the step's duration")

	step, batch := f.receiver.received[0], f.receiver.received[1]
	require.Equal(t, "Log Audit", step.Name)
	require.Equal(t, batch.SpanId, step.ParentSpanId)
	require.Equal(t, batch.TraceId, step.TraceId)
	require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, step.Status.Code)
	require.Equal(t, tracepb.Span_SPAN_KIND_SERVER, batch.Kind)
	require.Nil(t, batch.Status)
	require.Equal(t, "faas.name", batch.Attributes[0].Key)
	require.Equal(t, root, hexed(batch.Links[0].TraceId))
	require.Equal(t, above, hexed(batch.Links[0].SpanId))
	require.Positive(t, batch.StartTimeUnixNano)
	require.GreaterOrEqual(t, batch.EndTimeUnixNano, batch.StartTimeUnixNano)
	require.Equal(t, "invochain", f.receiver.service)
}
