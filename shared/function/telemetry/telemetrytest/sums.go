// Package telemetrytest lets tests read recorded metrics as a receiver of the lines would:
// by adding up the deltas.
package telemetrytest

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// Record returns a context with a recorder, and a function that returns the Sums of what
// was recorded since its last call.
func Record(tb testing.TB) (context.Context, func() map[string]float64) {
	tb.Helper()
	var out bytes.Buffer
	r, err := telemetry.New(telemetry.Config{
		Mode: telemetry.Stdout, Out: &out, Catalogue: metric.Catalogue(), Now: time.Now, //nolint:forbidigo // lines are dated
	})
	require.NoError(tb, err)
	return telemetry.NewContext(tb.Context(), r), func() map[string]float64 {
		tb.Helper()
		require.NoError(tb, r.Flush(tb.Context()))
		sums := Sums(tb, out.String())
		out.Reset()
		return sums
	}
}

// Sums adds up the deltas of lines: the value of a counter, the number of observations of
// a histogram; of a gauge it takes the last value. Keys read as in Prometheus, without
// quotes: name{label=value,label=value}.
func Sums(tb testing.TB, lines string) map[string]float64 {
	tb.Helper()
	sums := map[string]float64{}
	for text := range strings.Lines(lines) {
		var line struct {
			Delta, Gauge []struct {
				Name         string
				Labels       map[string]string
				Value, Count float64
			}
		}
		require.NoError(tb, json.Unmarshal([]byte(text), &line), text)
		for _, d := range line.Delta {
			sums[key(d.Name, d.Labels)] += d.Value + d.Count
		}
		for _, g := range line.Gauge {
			sums[key(g.Name, g.Labels)] = g.Value
		}
	}
	return sums
}

func key(name string, labels map[string]string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, k+"="+labels[k])
	}
	return name + "{" + strings.Join(pairs, ",") + "}"
}
