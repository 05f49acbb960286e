package panel

import "strings"

// liveWindow is what the dashboard on one's own machine looks back: it is scraped every
// 5 s, and whoever looks at it wants to see what was done just now.
const liveWindow = "30s"

// VMUI is the dashboard in the JSON of VictoriaMetrics' own interface. That opens the
// first row only, so all panels are in it, under their row's title and their own.
func VMUI(b Board) ([]byte, error) {
	var panels []any
	for _, row := range b.Rows {
		for i, p := range row.Panels {
			_, _, width := position(i, len(row.Panels))
			panels = append(panels, vmuiPanel(row.Title+": "+p.Title, p, width/2))
		}
	}
	rows := []any{map[string]any{"title": b.Title, "panels": panels}}
	return encode(map[string]any{"title": b.Title, "filename": "invochain.json", "rows": rows})
}

func vmuiPanel(title string, p Panel, width int) any {
	queries, names := make([]string, 0, len(p.Lines)), make([]string, 0, len(p.Lines))
	for _, l := range p.Lines {
		queries = append(queries, strings.ReplaceAll(l.Prom, Window, liveWindow))
		names = append(names, l.Name)
	}
	return map[string]any{
		"title": title, "description": p.Help, "unit": vmuiUnit(p.Unit), "width": width, "showLegend": true,
		"expr": queries, "alias": names,
	}
}

// vmuiUnit stands behind each number of the axis, so it is short.
func vmuiUnit(u Unit) string {
	return map[Unit]string{Count: "", PerSecond: "/s", Seconds: "s", Share: "", Times: "×", USD: "USD", Rupees: "₹/s", State: ""}[u]
}
