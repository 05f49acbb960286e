package metric_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/metric"
)

// TestAllowedValuesAreTheirOwners: this package imports no other, so that it repeats names
// which others own. A name that it lacks would be recorded as a fallback.
func TestAllowedValuesAreTheirOwners(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		metric, label string
		want          []string
	}{
		"routes": {metric.HTTPRequests, "route", append(routes(t), "/metrics")}, // of the local gateway
		"codes":  {metric.HTTPRequests, "code", append(codes(t), "")},           // a success has none
		"steps": {metric.SagaStepDuration, "step", []string{
			step.Reserve, step.Create, step.Audit, step.Publish, step.Delete, step.Release,
			step.Hold, step.Return, step.Void,
		}},
		"step outcomes": {metric.SagaStepDuration, "outcome", []string{saga.OK, saga.Refused, saga.Failed}},
		"saga outcomes": {metric.SagaCompleted, "outcome", lower(saga.Completed, saga.Aborted, saga.Compensated, saga.Stuck)},
		"queues":        {metric.DLQMessages, "queue", queues()},
		"dependencies": {metric.RetryAttempts, "dependency", []string{
			awsclient.DynamoDB, awsclient.SQS, awsclient.Inventory, awsclient.States, awsclient.Events,
			"inventory", // of the breaker
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ElementsMatch(t, tc.want, metric.Values(tc.metric, tc.label))
		})
	}
}

func routes(t *testing.T) []string {
	t.Helper()
	var api struct{ Paths map[string]any }
	require.NoError(t, json.Unmarshal(events.OpenAPI(), &api))
	require.NotEmpty(t, api.Paths)
	return slices.Collect(maps.Keys(api.Paths))
}

// codes returns the codes of problem documents.
func codes(t *testing.T) []string {
	t.Helper()
	var api struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(events.OpenAPI(), &api))
	all := api.Components.Schemas["Problem"].Properties["code"].Enum
	require.NotEmpty(t, all)
	return all
}

func queues() []string {
	var names []string
	for _, q := range deployment.Queues() {
		names = append(names, q.Name)
	}
	return names
}

func lower(states ...saga.State) []string {
	var names []string
	for _, s := range states {
		names = append(names, strings.ToLower(string(s)))
	}
	return names
}

func TestEveryLabelHasAllowedValues(t *testing.T) {
	t.Parallel()
	for _, d := range metric.Catalogue() {
		for _, label := range d.Labels {
			values := metric.Values(d.Name, label)
			if label == metric.ReleaseLabel {
				require.Empty(t, values)
				require.True(t, metric.Optional(d.Name, label))
				continue
			}
			require.NotEmpty(t, values, "%s{%s}", d.Name, label)
			require.NotContains(t, values, metric.Fallback(label), "%s{%s}", d.Name, label)
		}
	}
	require.Nil(t, metric.Values(metric.AuditLag, "merchant"))
	require.True(t, metric.Optional(metric.HTTPRequests, "code"))
	require.False(t, metric.Optional(metric.HTTPRequests, "status"))
}

func TestReleasesAreShort(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "dev", "  ": "dev", "é\n": "dev", "1a2b3c4": "1a2b3c4", "v1.2-rc1": "v1.2-rc1", "ABC/1 x": "1x",
		strings.Repeat("a", 100): "aaaaaaaaaaaa",
	} {
		require.Equal(t, want, metric.Release(name))
	}
}

func ExampleValues() {
	fmt.Println(metric.Values(metric.SagaCompensations, "outcome"), metric.Fallback("route"))
	// Output: [ok failed] unmatched
}
