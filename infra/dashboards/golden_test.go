package dashboards

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a test's flag

// TestGoldenFiles checks that the files for Grafana, vmui and Prometheus are up to date.
func TestGoldenFiles(t *testing.T) {
	grafana, err := panel.Grafana(panel.Operator())
	require.NoError(t, err)
	vmui, err := panel.VMUI(panel.Operator())
	require.NoError(t, err)
	for file, got := range map[string][]byte{
		"grafana/invochain.json": grafana, "vmui/invochain.json": vmui, "alert/invochain.yml": alert.Rules(alert.All()),
	} {
		t.Run(file, func(t *testing.T) {
			if *update {
				require.NoError(t, os.WriteFile(file, got, 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got), "review the difference; if it is intended, run `make golden`")
		})
	}
}
