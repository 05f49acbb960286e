package panel

import (
	"encoding/json"
	"strings"
)

// The grid of Grafana and of CloudWatch is 24 columns wide, the grid of vmui 12.
const (
	columns = 24
	height  = 8
)

// Grafana renders the dashboard as JSON for Grafana, with any Prometheus data source.
func Grafana(b Board) ([]byte, error) {
	source := map[string]string{"type": "prometheus", "uid": "${datasource}"}
	var panels []any
	id, y := 0, 0
	next := func() int { id++; return id }
	for _, row := range b.Rows {
		panels = append(panels, map[string]any{
			"id": next(), "type": "row", "title": row.Title, "collapsed": false, "panels": []any{},
			"gridPos": place(0, y, columns, 1),
		})
		y++
		for i, p := range row.Panels {
			x, dy, width := position(i, len(row.Panels))
			panels = append(panels, grafanaPanel(next(), p, source, place(x, y+dy, width, height)))
		}
		y += depth(len(row.Panels))
	}
	return encode(map[string]any{
		"uid": "invochain", "title": b.Title, "tags": []string{"invochain"}, "schemaVersion": 39, "version": 1,
		"editable": false, "refresh": "10s", "timezone": "browser",
		"time": map[string]string{"from": "now-1h", "to": "now"},
		"templating": map[string]any{"list": []any{map[string]any{
			"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source",
			"current": map[string]any{},
		}}},
		"annotations": map[string]any{"list": []any{}}, "panels": panels,
	})
}

func grafanaPanel(id int, p Panel, source, at any) any {
	targets := make([]any, 0, len(p.Lines))
	for i, l := range p.Lines {
		targets = append(targets, map[string]any{
			"refId": string(rune('A' + i)), "datasource": source, "editorMode": "code", "range": true,
			"expr": strings.ReplaceAll(l.Prom, Window, "$__rate_interval"), "legendFormat": l.Name,
		})
	}
	return map[string]any{
		"id": id, "type": "timeseries", "title": p.Title, "description": p.Help, "datasource": source, "gridPos": at,
		"targets": targets,
		"fieldConfig": map[string]any{
			"defaults": map[string]any{
				"unit": grafanaUnit(p.Unit), "min": 0,
				"custom": map[string]any{"fillOpacity": 5, "showPoints": "never"},
			},
			"overrides": []any{},
		},
		"options": map[string]any{
			"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		},
	}
}

func grafanaUnit(u Unit) string {
	return map[Unit]string{
		Count: "short", PerSecond: "ops", Seconds: "s", Share: "percentunit", Times: "none",
		USD: "currencyUSD", Rupees: "currencyINR", State: "none",
	}[u]
}

// position returns where the i-th of a row's n panels lies. The panels fill lines of equal
// width, with at most four panels in a line.
func position(i, n int) (x, y, width int) {
	a := across(n)
	line := i / a
	width = columns / min(a, n-line*a)
	return i % a * width, line * height, width
}

// across returns how many panels lie in a line.
func across(n int) int {
	if n > 4 {
		return 3
	}
	return max(n, 1)
}

// depth returns the height of a row with n panels.
func depth(n int) int { return (n + across(n) - 1) / across(n) * height }

func place(x, y, w, h int) map[string]int { return map[string]int{"x": x, "y": y, "w": w, "h": h} }

// encode returns JSON that is easy to review: indented, without escapes in queries.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return []byte(b.String()), err
}
