package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
)

func TestLogLinesAreJoined(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var out bytes.Buffer
	log := telemetry.Logger(&out, "info", 1)
	ctx, end := f.Invocation(t.Context(), incoming(`{"traceparent":"`+w3c+`"}`))
	func(ctx context.Context) {
		telemetry.Saga(ctx, "saga-1", "")
		telemetry.Saga(ctx, "saga-2", "merchant-1")
	}(ctx)
	log.WarnContext(ctx, "one")
	inner := telemetry.WithScope(ctx, slog.String("message_id", "m"))
	log.With(slog.String(telemetry.SagaID, "own")).
		InfoContext(inner, "two", slog.String(telemetry.MerchantID, "mine"))
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

// TestLogSampling: info lines are written for a sample of the traces, warnings for all.
func TestLogSampling(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var out bytes.Buffer
	log := telemetry.Logger(&out, "info", 0.25)
	const traces = 2000
	for range traces {
		ctx, end := f.Invocation(t.Context(), telemetry.Incoming{})
		log.InfoContext(ctx, "started")
		log.InfoContext(ctx, "done")
		log.WarnContext(ctx, "odd")
		end(nil)
	}
	require.Equal(t, traces, strings.Count(out.String(), `"odd"`))
	started := strings.Count(out.String(), `"started"`)
	require.Equal(t, started, strings.Count(out.String(), `"done"`), "all lines of a trace or none")
	require.InDelta(t, traces/4, started, traces/10)
	out.Reset()
	log.InfoContext(t.Context(), "outside of any trace")
	require.NotEmpty(t, out.String())
}
