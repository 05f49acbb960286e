package panel_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/panel"
	"github.com/invochain/invochain/shared/metric"
)

// TestEveryMetricIsDrawn: what is recorded and never looked at costs for nothing.
func TestEveryMetricIsDrawn(t *testing.T) {
	var text strings.Builder
	for _, row := range panel.Operator().Rows {
		for _, p := range row.Panels {
			for _, l := range p.Lines {
				text.WriteString(l.Prom + "\n")
			}
		}
	}
	for _, m := range metric.Catalogue() {
		require.Contains(t, text.String(), m.Name)
	}
}

func TestEveryRowHasItsPanels(t *testing.T) {
	var titles []string
	for _, row := range panel.Operator().Rows {
		titles = append(titles, row.Title)
		require.NotEmpty(t, row.Panels)
	}
	require.Equal(t, []string{
		"Objectives", "Requests", "Invoices", "Sagas", "Queues", "DynamoDB", "Breaker and retries", "Cost",
	}, titles)
}

// Panels lie beside each other in Grafana: none over another, none over the edge.
func TestGrafanaPanelsDoNotOverlap(t *testing.T) {
	type place struct{ X, Y, W, H int }
	var board struct {
		Panels []struct {
			ID      int
			Type    string
			GridPos place
			Targets []struct{ Expr string }
		}
	}
	b, err := panel.Grafana(panel.Operator())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &board))
	taken, ids := map[[2]int]int{}, []int{}
	for _, p := range board.Panels {
		require.False(t, slices.Contains(ids, p.ID))
		ids = append(ids, p.ID)
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				cell := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Zero(t, taken[cell], "panels %d and %d overlap", taken[cell], p.ID)
				taken[cell] = p.ID
			}
		}
		for _, target := range p.Targets {
			require.NotContains(t, target.Expr, panel.Window)
		}
	}
}

// TestCloudWatchAsksWhatItCan: the body is JSON, within CloudWatch's limits of 500
// widgets, and only the cost's sum and the longer windows are left out.
func TestCloudWatchAsksWhatItCan(t *testing.T) {
	body, err := panel.CloudWatch(panel.Operator())
	require.NoError(t, err)
	var dashboard struct {
		Widgets []struct{ Type string }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &dashboard))
	graphs := 0
	for _, w := range dashboard.Widgets {
		if w.Type == "metric" {
			graphs++
		}
	}
	all := 0
	for _, row := range panel.Operator().Rows {
		all += len(row.Panels)
	}
	require.Equal(t, all-1, graphs)
}
