package dashboards

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

var update = flag.Bool("update", false, "write the files anew") //nolint:gochecknoglobals // a test's flag

// TestGoldenFiles: what Grafana, VictoriaMetrics and Prometheus are given is what the
// description says.
func TestGoldenFiles(t *testing.T) {
	grafana, err := panel.Grafana(panel.Operator())
	require.NoError(t, err)
	vmui, err := panel.VMUI(panel.Operator())
	require.NoError(t, err)
	for file, got := range map[string][]byte{
		"grafana/invochain.json": grafana, "vmui/invochain.json": vmui, "alert/invochain.yml": alert.Rules(alert.All()),
	} {
		if *update {
			require.NoError(t, os.WriteFile(file, got, 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "look at the difference in %s; if it is wanted: make golden", file)
	}
}
