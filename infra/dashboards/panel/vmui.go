package panel

import "strings"

// liveWindow is the window of queries in the dashboard on a developer's machine. It is short,
// so that the effect of the last requests shows; metrics are scraped every 5 s.
const liveWindow = "30s"

// VMUI renders the dashboard as JSON for vmui, VictoriaMetrics' own interface. All panels are
// in one row, because vmui expands only the first; their titles start with the row's title.
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

// vmuiUnit returns the suffix of each number on the axis.
func vmuiUnit(u Unit) string {
	return map[Unit]string{
		Count: "", PerSecond: "/s", Seconds: "s", Share: "", Times: "×", USD: "USD", Rupees: "₹/s", State: "",
	}[u]
}
