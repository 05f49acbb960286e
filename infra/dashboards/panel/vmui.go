package panel

import "strings"

// liveWindow is what the dashboard on one's own machine looks back: it is scraped every
// 5 s, and whoever looks at it wants to see what was done just now.
const liveWindow = "30s"

// VMUI is the dashboard in the JSON of VictoriaMetrics' own interface.
func VMUI(b Board) ([]byte, error) {
	rows := make([]any, 0, len(b.Rows))
	for _, row := range b.Rows {
		panels := make([]any, 0, len(row.Panels))
		for i, p := range row.Panels {
			_, _, width := position(i, len(row.Panels))
			panels = append(panels, vmuiPanel(p, width/2))
		}
		rows = append(rows, map[string]any{"title": row.Title, "panels": panels})
	}
	return encode(map[string]any{"title": b.Title, "filename": "invochain.json", "rows": rows})
}

func vmuiPanel(p Panel, width int) any {
	queries, names := make([]string, 0, len(p.Lines)), make([]string, 0, len(p.Lines))
	for _, l := range p.Lines {
		queries = append(queries, strings.ReplaceAll(l.Prom, Window, liveWindow))
		names = append(names, l.Name)
	}
	return map[string]any{
		"title": p.Title, "description": p.Help, "unit": string(p.Unit), "width": width, "showLegend": true,
		"expr": queries, "alias": names,
	}
}
