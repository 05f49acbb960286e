package panel_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/panel"
	"github.com/invochain/invochain/shared/metric"
)

// TestEveryMetricIsDrawn checks that a panel shows each metric: a metric that is recorded but
// never shown only costs money.
func TestEveryMetricIsDrawn(t *testing.T) {
	t.Parallel()
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

func TestRowsAndTheirOrder(t *testing.T) {
	t.Parallel()
	var titles []string
	for _, row := range panel.Operator().Rows {
		titles = append(titles, row.Title)
		require.NotEmpty(t, row.Panels)
	}
	require.Equal(t, []string{
		"Objectives", "Requests", "Invoices", "Sagas", "Queues", "Audit log", "DynamoDB", "Breaker and retries", "Cost",
	}, titles)
}

// TestGrafanaPanelsDoNotOverlap checks also that no panel exceeds the width of the grid.
func TestGrafanaPanelsDoNotOverlap(t *testing.T) {
	t.Parallel()
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

// TestCloudWatchAsksForOneCell: no query of a cell's dashboard reads the metrics of another one.
func TestCloudWatchAsksForOneCell(t *testing.T) {
	t.Parallel()
	first, err := panel.CloudWatch(panel.Operator(), "")
	require.NoError(t, err)
	second, err := panel.CloudWatch(panel.Operator(), "b")
	require.NoError(t, err)
	searches := regexp.MustCompile(
		`SEARCH\('\{(InvoChain/b|AWS/ApiGateway,ApiName\} [^']*invochain-b|AWS/SQS,QueueName\} [^']* AND b\))`)
	require.Greater(t, strings.Count(first, "SEARCH("), 30)
	require.Len(t, searches.FindAllString(second, -1), strings.Count(first, "SEARCH("))
	require.Empty(t, searches.FindAllString(first, -1))
}

// TestCloudWatchOmitsOnePanel checks that the body is JSON and that the total cost is the
// only panel that CloudWatch cannot show.
func TestCloudWatchOmitsOnePanel(t *testing.T) {
	t.Parallel()
	body, err := panel.CloudWatch(panel.Operator(), "")
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
