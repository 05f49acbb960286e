package telemetry

import (
	"slices"
	"time"
)

// directive says which members of the document are metrics, and under which dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string // one set; empty for a metric without labels
	Metrics    []definition
}

type definition struct{ Name, Unit string }

// members of the document's root, as CloudWatch reads them.
func (d *document) members(at time.Time) map[string]any {
	root := map[string]any{"_aws": map[string]any{"Timestamp": at.UnixMilli(), "CloudWatchMetrics": d.directives()}}
	for k, v := range d.labels {
		root[k] = v
	}
	for _, s := range d.series {
		switch {
		case s.count != nil:
			root[s.name] = s.text()
		case s.gauge != nil:
			root[s.name] = *s.gauge
		case s.times != nil:
			root[s.name] = s.values()
		}
	}
	return root
}

// directives are one for each set of label names.
func (d *document) directives() []directive {
	var all []directive
	for _, s := range d.series {
		i := slices.IndexFunc(all, func(a directive) bool { return slices.Equal(a.Dimensions[0], s.names) })
		if i < 0 {
			i = len(all)
			all = append(all, directive{Namespace: namespace, Dimensions: [][]string{s.names}})
		}
		all[i].Metrics = append(all[i].Metrics, definition{s.name, unitOf(s)})
	}
	return all
}

// unitOf is CloudWatch's name of a unit. It has none for money.
func unitOf(s series) string {
	switch s.unit {
	case "s":
		return "Seconds"
	case "1":
		return "Count"
	default:
		return "None"
	}
}
