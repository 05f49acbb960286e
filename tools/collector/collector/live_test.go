package collector_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tools/collector/collector"
)

func (b *bed) connections(instance string, ago time.Duration, open int) string {
	return fmt.Sprintf(`fn {"at":%d,"batch":"%s %s","delta":[],"instance":%q,"gauge":[{"name":"dynamodb_connections_active","labels":{},"value":%d}]}`+"\n",
		b.now.Add(-ago).UnixMilli(), instance, ago, instance, open)
}

// TestGaugesOfInstances: the sum over those that live, each by what it said last.
func TestGaugesOfInstances(t *testing.T) {
	b := setUp(t, nil)
	b.has(t, "dynamodb_connections_active 0")
	b.write(t, b.connections("a", time.Minute, 3)+b.connections("a", 0, 2)+b.connections("a", 2*time.Minute, 9)+
		b.connections("b", 3*time.Minute, 4)+b.connections("long gone", time.Hour, 7))
	b.has(t, "dynamodb_connections_active 6")
	b.restart(t)
	b.has(t, "dynamodb_connections_active 6")
	b.now = b.now.Add(3 * time.Minute)
	b.has(t, "dynamodb_connections_active 2")
	b.now = b.now.Add(3 * time.Minute)
	b.has(t, "dynamodb_connections_active 0")
	b.write(t, fmt.Sprintf(`fn {"at":%d,"batch":"x","instance":"a","gauge":[{"name":"saga_stuck","value":5}]}`+"\n", b.now.UnixMilli()))
	text := b.metrics(t)
	require.NotContains(t, text, "\nsaga_stuck 5", "read from where the truth is")
	require.NotContains(t, text, "collector_deltas_refused_total{")
}

func TestGaugesOfInstancesOverOTLP(t *testing.T) {
	b := setUp(t, nil)
	point := &metrics.NumberDataPoint{TimeUnixNano: uint64(b.now.UnixNano()), Value: &metrics.NumberDataPoint_AsDouble{AsDouble: 3}}
	body, err := proto.Marshal(&metrics.MetricsData{ResourceMetrics: []*metrics.ResourceMetrics{{
		Resource: &resource.Resource{Attributes: attributes("service.instance.id", "a")},
		ScopeMetrics: []*metrics.ScopeMetrics{{Metrics: []*metrics.Metric{
			{Name: metric.DynamoDBConnections, Data: &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: []*metrics.NumberDataPoint{point}}}},
		}}},
	}}})
	require.NoError(t, err)
	b.post(t, 200, body, collector.BatchID, "1")
	b.has(t, "dynamodb_connections_active 3")
	b.restart(t)
	b.has(t, "dynamodb_connections_active 3")
}

// TestInstancesAreBounded: those that live make no room for others.
func TestInstancesAreBounded(t *testing.T) {
	b := setUp(t, nil)
	for i := range 10_100 {
		b.write(t, b.connections(strconv.Itoa(i), 0, 1))
	}
	b.has(t, "dynamodb_connections_active 10000", `collector_deltas_refused_total{reason="overflow"} 100`)
}
