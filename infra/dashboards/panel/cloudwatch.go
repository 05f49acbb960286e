package panel

import (
	"encoding/json"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// Region is a placeholder for the region of the deployment; Fn::Sub replaces it.
const Region = "${AWS::Region}"

// CloudWatch renders the dashboard as the body of a CloudWatch dashboard, for the metrics of a cell. It
// omits panels without a query for CloudWatch.
func CloudWatch(b Board, cell string) (string, error) {
	var widgets []any
	y := 0
	for _, row := range b.Rows {
		widgets = append(widgets, map[string]any{
			"type": "text", "x": 0, "y": y, "width": columns, "height": 1,
			"properties": map[string]any{"markdown": "## " + row.Title},
		})
		y++
		graphs := graphs(row, cell)
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

// graphs returns the properties of a row's metric widgets.
func graphs(row Row, cell string) []any {
	var properties []any
	for _, p := range row.Panels {
		var metrics []any
		for _, l := range p.Lines {
			if l.Cloud != "" {
				metrics = append(metrics, []any{
					map[string]any{"expression": inCell(l.Cloud, cell), "label": label(l.Name), "period": 60},
				})
			}
		}
		if metrics == nil {
			continue
		}
		properties = append(properties, map[string]any{
			"title": p.Title, "view": "timeSeries", "stacked": p.Unit == USD, "region": Region, "period": 60,
			"metrics": metrics,
			"yAxis": map[string]any{
				"left": map[string]any{"min": 0, "label": string(p.Unit), "showUnits": false},
			},
		})
	}
	return properties
}

// inCell returns a query for the metrics of a cell, which have names of their own.
func inCell(query, cell string) string {
	if cell == "" {
		return query
	}
	return strings.NewReplacer("{"+metric.Namespace(""), "{"+metric.Namespace(cell),
		`ApiName="`+API+`"`, `ApiName="`+API+"-"+cell+`"`,
		"QueueName=InvoChain", "QueueName=(InvoChain AND "+cell+")").Replace(query)
}

// label returns the label of a line. It is empty where the legend shows values of labels:
// CloudWatch then names each series itself.
func label(name string) string {
	if strings.Contains(name, "{{") {
		return ""
	}
	return name
}
