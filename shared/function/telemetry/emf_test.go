package telemetry_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// units that CloudWatch takes, of those that may occur here (API Reference, MetricDatum).
func units() []string { return []string{"Seconds", "Count", "None"} }

// checkEMF holds a line against the Amazon CloudWatch User Guide's "Specification:
// Embedded metric format".
func checkEMF(t *testing.T, line []byte) {
	t.Helper()
	var root map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(line, &root))
	var aws struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	}
	require.NoError(t, json.Unmarshal(root["_aws"], &aws))
	require.WithinDuration(t, realTime()(), time.UnixMilli(aws.Timestamp), time.Minute, "milliseconds")
	require.NotEmpty(t, aws.CloudWatchMetrics)
	seen := map[string]bool{}
	for _, directive := range aws.CloudWatchMetrics {
		require.Equal(t, "InvoChain", directive.Namespace)
		require.Len(t, directive.Dimensions, 1, "a DimensionSet array")
		require.NotNil(t, directive.Dimensions[0], "may be empty, not null")
		require.LessOrEqual(t, len(directive.Dimensions[0]), 30)
		for _, dimension := range directive.Dimensions[0] {
			var value string
			require.NoError(t, json.Unmarshal(root[dimension], &value), "a dimension is a string at the root: %s", dimension)
			require.NotEmpty(t, value)
			require.LessOrEqual(t, len(value), 1024)
		}
		require.NotEmpty(t, directive.Metrics)
		require.LessOrEqual(t, len(directive.Metrics), 100)
		for _, m := range directive.Metrics {
			require.False(t, seen[m.Name], "one target member a metric: %s", m.Name)
			seen[m.Name] = true
			require.True(t, slices.Contains(units(), m.Unit), m.Unit)
			checkTarget(t, m.Name, root[m.Name])
		}
	}
}

// checkTarget: a number, or an array of at most 100 numbers.
func checkTarget(t *testing.T, name string, raw json.RawMessage) {
	t.Helper()
	require.NotEmpty(t, raw, "%s is a member of the root", name)
	var one float64
	if json.Unmarshal(raw, &one) == nil {
		return
	}
	var values []float64
	require.NoError(t, json.Unmarshal(raw, &values), name)
	require.NotEmpty(t, values, name)
	require.LessOrEqual(t, len(values), 100, name)
}

// TestCloudWatchSeesWhatWasRecorded, in as few documents as can be.
func TestCloudWatchSeesWhatWasRecorded(t *testing.T) {
	t.Parallel()
	r := recordAs(t, telemetry.EMF, 1)
	for i := range 5 {
		telemetry.Observe(r.ctx, metric.AuditLag, time.Duration(i+1)*100*time.Millisecond)
	}
	telemetry.Add(r.ctx, metric.SagaCompleted, 2, "completed")
	telemetry.Add(r.ctx, metric.SagaCompleted, 1, "stuck")
	telemetry.Add(r.ctx, metric.RecoverRuns, 1, "ok")
	telemetry.Set(r.ctx, metric.SagaStuck, 4)
	var outcomes []string
	for _, d := range r.documents(t) {
		outcomes = append(outcomes, fmt.Sprint(d.Outcome, d.Completed))
		if d.Lag != nil {
			require.Len(t, d.Lag, 5)
			require.InDelta(t, 0.1, d.Lag[0], 1e-9, "the smallest as it was")
			require.InDelta(t, 0.5, d.Lag[4], 1e-9, "and the largest")
			require.InDelta(t, 4, d.Stuck, 0)
		}
	}
	slices.Sort(outcomes)
	require.Equal(t, []string{"completed2", "ok0", "stuck1"}, outcomes, "one outcome a document")
}

// TestLongRunsKeepCloudWatchsBounds: a document holds at most 100 values a metric, and
// none is lost.
func TestLongRunsKeepCloudWatchsBounds(t *testing.T) {
	t.Parallel()
	r := recordAs(t, telemetry.EMF, 1)
	for range 1000 {
		telemetry.Observe(r.ctx, metric.AuditLag, time.Second)
	}
	count := 0
	for _, d := range r.documents(t) {
		count += len(d.Lag)
	}
	require.Equal(t, 1000, count)
}

// document is what the tests look at of one.
type document struct {
	Outcome   string    `json:"outcome"`
	Completed int       `json:"saga_completed_total"`
	Lag       []float64 `json:"audit_lag_seconds"`
	Stuck     float64   `json:"saga_stuck"`
}

// documents that were written, each held against the specification.
func (r recording) documents(t *testing.T) []document {
	t.Helper()
	require.NoError(t, r.Flush(t.Context()))
	all := make([]document, len(r.out.all))
	for i, text := range r.out.all {
		checkEMF(t, []byte(text))
		require.NoError(t, json.Unmarshal([]byte(text), &all[i]))
	}
	return all
}

// TestForCloudWatchAlone: a document holds nothing that CloudWatch does not read.
func TestForCloudWatchAlone(t *testing.T) {
	t.Parallel()
	r := recordAs(t, telemetry.EMF, 1)
	telemetry.Add(r.ctx, metric.SagaCompleted, 2, "stuck")
	require.Len(t, r.documents(t), 1)
	var root map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out.all[0]), &root))
	delete(root, "_aws")
	require.Equal(t, map[string]any{"outcome": "stuck", "saga_completed_total": 2.0}, root)
}

func TestUnknownModesAreRefused(t *testing.T) {
	t.Parallel()
	for mode, url := range map[string]string{"prometheus": "", telemetry.OTLP: "collector"} {
		_, err := telemetry.New(telemetry.Config{Mode: mode, URL: url, Now: realTime()})
		require.ErrorContains(t, err, mode)
	}
}
