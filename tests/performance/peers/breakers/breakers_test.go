//go:build breakers

package breakers_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

var peers = flag.String("peers", "../../../../.cache/breakers", "folder of the installed peers")

// row of the table. Times are in nanoseconds and seconds.
type row struct {
	Name     string  `json:"name"`
	ClosedNS int64   `json:"closed_ns"`
	OpenNS   int64   `json:"open_ns"`
	ReadNS   int64   `json:"read_ns"` // of a call that has to read the shared state; 0 without one
	Through  int     `json:"through"`
	RefuseS  float64 `json:"refuse_s"`
	Probes   int     `json:"probes"`
	Time     string  `json:"time"`
}

// TestCompare runs one breaker after the other and prints the table.
func TestCompare(t *testing.T) {
	endpoint := *dynamotest.Client(t).Options().BaseEndpoint
	var rows []row
	t.Run("in process", func(t *testing.T) {
		rows = append(rows, peer(t, "inprocess", "go", "test", "-count=1", "-v", "-run", "Scenario", ".")...)
	})
	t.Run("opossum", func(t *testing.T) { rows = append(rows, peer(t, "opossum", "node", *peers+"/opossum/scenario.mjs")...) })
	t.Run("powertools", func(t *testing.T) {
		rows = append(rows, peer(t, "powertools", *peers+"/powertools/bin/python", "scenario.py", endpoint)...)
	})
	t.Run("ours", func(t *testing.T) { rows = append(rows, ours(t)) })
	fmt.Println("| breaker | closed, ns a call | open, ns a call | with a read of the shared state, ms | calls let through | all refuse after s | probes | time |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		read := "–"
		if r.ReadNS > 0 {
			read = fmt.Sprintf("%.2f", float64(r.ReadNS)/1e6)
		}
		fmt.Printf("| %s | %d | %d | %s | %d | %.1f | %d | %s |\n", r.Name, r.ClosedNS, r.OpenNS, read, r.Through, r.RefuseS, r.Probes, r.Time)
	}
}

// peer runs a program in its folder, and reads the lines of JSON that it prints.
func peer(t *testing.T, dir, program string, args ...string) []row {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	var rows []row
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "{") {
			var r row
			require.NoError(t, json.Unmarshal([]byte(line), &r))
			rows = append(rows, r)
		}
	}
	return rows
}
