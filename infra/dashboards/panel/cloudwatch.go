package panel

import (
	"encoding/json"
	"strings"
)

// Region stands in a CloudWatch dashboard for the region that it is deployed to, as
// Fn::Sub replaces it.
const Region = "${AWS::Region}"

// CloudWatch is the body of the dashboard in CloudWatch. Panels that cannot be asked
// there are left out.
func CloudWatch(b Board) (string, error) {
	var widgets []any
	y := 0
	for _, row := range b.Rows {
		widgets = append(widgets, map[string]any{
			"type": "text", "x": 0, "y": y, "width": columns, "height": 1,
			"properties": map[string]any{"markdown": "## " + row.Title},
		})
		y++
		graphs := graphs(row)
		for i, g := range graphs {
			x, dy, width := position(i, len(graphs))
			widgets = append(widgets, map[string]any{
				"type": "metric", "x": x, "y": y + dy, "width": width, "height": height, "properties": g,
			})
		}
		y += depth(len(graphs))
	}
	body, err := json.Marshal(map[string]any{"start": "-PT3H", "widgets": widgets})
	return string(body), err
}

func graphs(row Row) []any {
	var all []any
	for _, p := range row.Panels {
		var metrics []any
		for _, l := range p.Lines {
			if l.Cloud != "" {
				metrics = append(metrics, []any{map[string]any{"expression": l.Cloud, "label": label(l.Name), "period": 60}})
			}
		}
		if metrics == nil {
			continue
		}
		all = append(all, map[string]any{
			"title": p.Title, "view": "timeSeries", "stacked": p.Unit == USD, "region": Region, "period": 60,
			"metrics": metrics, "yAxis": map[string]any{"left": map[string]any{"min": 0, "label": string(p.Unit), "showUnits": false}},
		})
	}
	return all
}

// label of a line: where PromQL's legend has labels, CloudWatch names the series itself.
func label(name string) string {
	if strings.Contains(name, "{{") {
		return ""
	}
	return name
}
