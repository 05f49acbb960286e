package collector_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// connections returns a line in which an instance reported its open connections.
func (f *fixture) connections(instance string, ago time.Duration, open int) string {
	return fmt.Sprintf(`fn {"at":%d,"batch":"%s %s","delta":[],"instance":%q,`+
		`"gauge":[{"name":"dynamodb_connections_active","labels":{},"value":%d}]}`+"\n",
		f.now.Add(-ago).UnixMilli(), instance, ago, instance, open)
}

// TestGaugesOfInstances: the sum over the live instances, of the last report of each.
func TestGaugesOfInstances(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	f.requireSamples(t, "dynamodb_connections_active 0")
	f.write(t, f.connections("a", time.Minute, 3)+f.connections("a", 0, 2)+f.connections("a", 2*time.Minute, 9)+
		f.connections("b", 3*time.Minute, 4)+f.connections("long gone", time.Hour, 7))
	f.requireSamples(t, "dynamodb_connections_active 6")
	f.restart(t)
	f.requireSamples(t, "dynamodb_connections_active 6")
	f.now = f.now.Add(3 * time.Minute)
	f.requireSamples(t, "dynamodb_connections_active 2")
	f.now = f.now.Add(3 * time.Minute)
	f.requireSamples(t, "dynamodb_connections_active 0")
	f.write(t, fmt.Sprintf(`fn {"at":%d,"batch":"x","instance":"a","gauge":[{"name":"saga_stuck","value":5}]}`+"\n",
		f.now.UnixMilli()))
	text := f.metrics(t)
	require.NotContains(t, text, "\nsaga_stuck 5", "it is read from its source")
	require.NotContains(t, text, "collector_deltas_refused_total{")
}

// TestInstancesAreBounded: live instances are not displaced by others.
func TestInstancesAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	var lines strings.Builder
	for i := range 10_100 {
		lines.WriteString(f.connections(strconv.Itoa(i), 0, 1))
	}
	f.write(t, lines.String())
	f.requireSamples(t, "dynamodb_connections_active 10000", `collector_deltas_refused_total{reason="overflow"} 100`)
}
