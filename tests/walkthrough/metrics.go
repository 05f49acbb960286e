package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tests/framework/stack"
)

// silent returns the metrics that have no value after this walkthrough, with the reason.
func silent() map[string]string {
	return map[string]string{
		metric.BulkheadRejections: "no call was rejected",
		metric.LateSales:          "every event has booked its sale",
		metric.QueueOldest:        "SQS does not report the age of a message; CloudWatch does",
	}
}

// allMetrics checks that each metric of the catalogue has a value, and each counter a
// positive one. It waits for recovery, which runs once a minute.
func (w *walk) allMetrics(ctx context.Context) error {
	refused, err := w.Stack.Call(ctx, http.MethodGet, "/invoices", nil, "Authorization", "Bearer wrong")
	if err != nil {
		return err
	}
	w.check(refused.Status == http.StatusUnauthorized, "a wrong token gets a 401 (%d)", refused.Status)
	var missing []string
	_ = stack.Await(ctx, 90*time.Second, func() (bool, error) {
		m, err := w.wakeAndRead(ctx)
		missing = missingIn(m)
		return err == nil && len(missing) == 0, err
	})
	w.check(len(missing) == 0, "/metrics: all %d metrics have live values (missing: %s)",
		len(metric.Catalogue())-len(silent()), strings.Join(append(missing, "none")[:max(1, len(missing))], ", "))
	for _, name := range slices.Sorted(maps.Keys(silent())) {
		fmt.Printf("        except %s: %s\n", name, silent()[name])
	}
	return nil
}

// wakeAndRead reads /metrics after a request to each function behind the API that may be busy: serve-api and
// create-invoice. A busy process gathers its metrics for a second; one that is frozen within it
// writes them when it runs again.
func (w *walk) wakeAndRead(ctx context.Context) (stack.Metrics, error) {
	_, healthErr := w.Call(ctx, http.MethodGet, "/health", nil)
	_, createErr := w.Create(ctx, client.NewKey(), []byte("{}"))
	if err := errors.Join(healthErr, createErr); err != nil {
		return nil, err
	}
	return w.Metrics(ctx)
}

// missingIn lists the metrics of the catalogue without a value.
func missingIn(samples stack.Metrics) []string {
	var names []string
	for _, d := range metric.Catalogue() {
		if _, excused := silent()[d.Name]; excused {
			continue
		}
		if !hasValue(samples, d) {
			names = append(names, d.Name)
		}
	}
	return names
}

// hasValue reports whether a metric has a value; only a gauge may be zero.
func hasValue(samples stack.Metrics, d metric.Definition) bool {
	switch {
	case d.Kind == metric.Histogram:
		return samples.Total(d.Name+"_count") > 0
	case d.Kind == metric.Counter || d.Name == metric.DynamoDBConnections:
		return samples.Total(d.Name) > 0
	default:
		return samples.Has(d.Name)
	}
}
