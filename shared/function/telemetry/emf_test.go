package telemetry_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// units returns the units of CloudWatch that this package uses (API Reference, MetricDatum).
func units() []string { return []string{"Seconds", "Count", "None"} }

// requireEMF checks a line against the Amazon CloudWatch User Guide, "Specification:
// Embedded metric format".
func requireEMF(t *testing.T, line []byte) {
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
		require.NotEmpty(t, directive.Dimensions, "a DimensionSet array")
		require.NotNil(t, directive.Dimensions[0], "may be empty, not null")
		for _, dimension := range slices.Concat(directive.Dimensions...) {
			var value string
			require.NoError(t, json.Unmarshal(root[dimension], &value), "a dimension is a string at the root: %s", dimension)
			require.NotEmpty(t, value)
			require.LessOrEqual(t, len(value), 1024)
		}
		require.NotEmpty(t, directive.Metrics)
		require.LessOrEqual(t, len(directive.Metrics), 100)
		for _, m := range directive.Metrics {
			require.False(t, seen[m.Name], "a metric has one target member: %s", m.Name)
			seen[m.Name] = true
			require.True(t, slices.Contains(units(), m.Unit), m.Unit)
			requireTarget(t, m.Name, root[m.Name])
		}
	}
}

// requireTarget checks that a target member is a number or an array of at most 100 numbers.
func requireTarget(t *testing.T, name string, raw json.RawMessage) {
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

// TestEMFHasWhatWasRecorded in as few documents as possible.
func TestEMFHasWhatWasRecorded(t *testing.T) {
	t.Parallel()
	f := setupMode(t, telemetry.EMF, 1)
	for i := range 5 {
		telemetry.Observe(f.ctx, metric.AuditLag, time.Duration(i+1)*100*time.Millisecond)
	}
	telemetry.Add(f.ctx, metric.SagaCompleted, 2, "completed")
	telemetry.Add(f.ctx, metric.SagaCompleted, 1, "stuck")
	telemetry.Add(f.ctx, metric.RecoverRuns, 1, "ok")
	telemetry.Set(f.ctx, metric.SagaStuck, 4)
	var outcomes []string
	for _, d := range f.documents(t) {
		outcomes = append(outcomes, fmt.Sprint(d.Outcome, d.Completed))
		if d.Lag != nil {
			require.Len(t, d.Lag, 5)
			require.InDelta(t, 0.1, d.Lag[0], 1e-9, "the smallest is exact")
			require.InDelta(t, 0.5, d.Lag[4], 1e-9, "so is the largest")
			require.InDelta(t, 4, d.Stuck, 0)
		}
	}
	slices.Sort(outcomes)
	require.Equal(t, []string{"completed2", "ok0", "stuck1"}, outcomes, "each document has one outcome")
}

// TestCellsHaveTheirOwnNamespace: CloudWatch would mix the gauges of two cells of an account.
func TestCellsHaveTheirOwnNamespace(t *testing.T) {
	t.Parallel()
	out := &writer{}
	r, err := telemetry.New(telemetry.Config{
		Mode: telemetry.EMF, Out: out, Catalogue: metric.Catalogue(), Cell: "b", Now: realTime(),
	})
	require.NoError(t, err)
	telemetry.Set(telemetry.NewContext(t.Context(), r), metric.SagaStuck, 4)
	require.NoError(t, r.Flush(t.Context()))
	require.Contains(t, strings.Join(out.lines(), ""), `"Namespace":"InvoChain/b"`)
}

// TestMetricsCarryTheRelease: CloudWatch also has them without it, so that sums over releases stay what
// they were. No caller can set it.
func TestMetricsCarryTheRelease(t *testing.T) {
	t.Parallel()
	out := &writer{}
	r, err := telemetry.New(telemetry.Config{
		Mode: telemetry.EMF, Out: out, Catalogue: metric.Catalogue(), Release: "1a2b3c4", Now: realTime(),
	})
	require.NoError(t, err)
	ctx := telemetry.NewContext(t.Context(), r)
	telemetry.Add(ctx, metric.SagaCompleted, 1, "completed", "forged")
	require.NoError(t, r.Flush(ctx))
	line := strings.Join(out.lines(), "")
	require.Contains(t, line, `"Dimensions":[["outcome"],["outcome","release"]]`)
	require.Contains(t, line, `"release":"1a2b3c4"`)
	require.NotContains(t, line, "forged")
}

// TestLongRunsKeepEMFsBounds: a document holds at most 100 values a metric, and no value
// is lost.
func TestLongRunsKeepEMFsBounds(t *testing.T) {
	t.Parallel()
	f := setupMode(t, telemetry.EMF, 1)
	for range 1000 {
		telemetry.Observe(f.ctx, metric.AuditLag, time.Second)
	}
	count := 0
	for _, d := range f.documents(t) {
		count += len(d.Lag)
	}
	require.Equal(t, 1000, count)
}

// document holds the members of an EMF document that the tests read.
type document struct {
	Outcome   string    `json:"outcome"`
	Completed int       `json:"saga_completed_total"`
	Lag       []float64 `json:"audit_lag_seconds"`
	Stuck     float64   `json:"saga_stuck"`
}

// documents flushes and returns the documents, after checking each against the specification.
func (f fixture) documents(t *testing.T) []document {
	t.Helper()
	require.NoError(t, f.Flush(t.Context()))
	all := make([]document, len(f.out.lines()))
	for i, text := range f.out.lines() {
		requireEMF(t, []byte(text))
		require.NoError(t, json.Unmarshal([]byte(text), &all[i]))
	}
	return all
}

// TestEMFHasNothingElse: a document holds only members that CloudWatch reads.
func TestEMFHasNothingElse(t *testing.T) {
	t.Parallel()
	f := setupMode(t, telemetry.EMF, 1)
	telemetry.Add(f.ctx, metric.SagaCompleted, 2, "stuck")
	require.Len(t, f.documents(t), 1)
	var root map[string]any
	require.NoError(t, json.Unmarshal([]byte(f.out.lines()[0]), &root))
	delete(root, "_aws")
	require.Equal(t, map[string]any{"outcome": "stuck", "saga_completed_total": 2.0}, root)
}

// TestAnOptionalLabelKeepsTheSums: the metric is also recorded without the label, since a
// search of CloudWatch finds one set of dimensions.
func TestAnOptionalLabelKeepsTheSums(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][][]string{
		"":             {{"method", "route", "status"}},
		"out_of_stock": {{"method", "route", "status"}, {"code", "method", "route", "status"}},
	} {
		f := setupMode(t, telemetry.EMF, 1)
		telemetry.Add(f.ctx, metric.HTTPRequests, 1, "POST", "/invoices", "409", code)
		require.Len(t, f.documents(t), 1)
		var root struct {
			AWS struct {
				CloudWatchMetrics []struct{ Dimensions [][]string }
			} `json:"_aws"`
		}
		require.NoError(t, json.Unmarshal([]byte(f.out.lines()[0]), &root))
		require.Equal(t, want, root.AWS.CloudWatchMetrics[0].Dimensions)
	}
}
