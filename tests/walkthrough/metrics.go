package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/telemetry"
	"github.com/invochain/invochain/tests/stack"
)

// silent tells of what this walk and this machine give no value.
func silent() map[string]string {
	return map[string]string{
		telemetry.BulkheadRejections: "nothing was rejected",
		telemetry.QueueOldest:        "SQS does not tell the age of a message; CloudWatch does",
	}
}

// allMetrics wants each metric of the catalogue, after what was sent so far: of what is
// counted more than zero. Recovery comes once a minute.
func (w *walk) allMetrics(ctx context.Context) error {
	var missing []string
	_ = stack.Await(ctx, 90*time.Second, func() (bool, error) {
		m, err := w.Metrics(ctx)
		missing = lacking(m)
		return err == nil && len(missing) == 0, err
	})
	w.check(len(missing) == 0, "/metrics: all %d metrics have live values (missing: %s)", len(telemetry.Metrics())-len(silent()), strings.Join(append(missing, "none")[:max(1, len(missing))], ", "))
	for _, name := range slices.Sorted(maps.Keys(silent())) {
		fmt.Printf("        but %s: %s\n", name, silent()[name])
	}
	return nil
}

// lacking names the metrics without a value, or with none that was ever counted.
func lacking(m stack.Metrics) []string {
	var names []string
	for _, metric := range telemetry.Metrics() {
		if _, excused := silent()[metric.Name]; excused {
			continue
		}
		if !lives(m, metric) {
			names = append(names, metric.Name)
		}
	}
	return names
}

// lives tells whether a metric has a value; zero is one of a state alone.
func lives(m stack.Metrics, metric telemetry.Metric) bool {
	switch {
	case metric.Kind == telemetry.Histogram:
		return m.Total(metric.Name+"_count") > 0
	case metric.Kind == telemetry.Counter || metric.Name == telemetry.DynamoDBConnections:
		return m.Total(metric.Name) > 0
	default:
		return m.Has(metric.Name)
	}
}
