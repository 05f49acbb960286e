// Package telemetrytest lets tests see what was recorded, as a receiver of the lines
// would: by the deltas.
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
)

// Record gives a context under which is recorded, and a function that gives what was,
// since it was last asked.
func Record(tb testing.TB) (context.Context, func() map[string]float64) {
	tb.Helper()
	var out bytes.Buffer
	r, err := telemetry.New(telemetry.Config{
		Mode: telemetry.Stdout, Out: &out, Now: time.Now, //nolint:forbidigo // lines are dated
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

// Sums adds up the deltas of lines: a counter's value, and how often a histogram was
// told of something; and takes a gauge as it stands. The keys read as in Prometheus,
// without quotes: name{label=value,label=value}.
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
