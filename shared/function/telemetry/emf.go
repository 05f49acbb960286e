package telemetry

import (
	"maps"
	"slices"
	"time"
)

// Bounds of a document in CloudWatch's embedded metric format: the format allows 100
// values a metric and 100 metrics a directive. Fewer metrics keep a line below 64 KB.
const (
	maxValues  = 100
	maxMetrics = 30
)

// document is one line in the embedded metric format (Amazon CloudWatch User Guide,
// "Specification: Embedded metric format"). Labels and metrics are members of its root, so
// that its series must not have the same metric, or a label with different values.
type document struct {
	namespace string
	labels    map[string]string
	series    []series
}

// pack puts each series into the first document that can take it.
func pack(namespace string, all []series) []*document {
	var docs []*document
	for _, s := range all {
		i := slices.IndexFunc(docs, func(d *document) bool { return d.accepts(s) })
		if i < 0 {
			i = len(docs)
			docs = append(docs, &document{namespace: namespace, labels: map[string]string{}})
		}
		maps.Copy(docs[i].labels, s.labels)
		docs[i].series = append(docs[i].series, s)
	}
	return docs
}

func (d *document) accepts(s series) bool {
	for k, v := range s.labels {
		if present, ok := d.labels[k]; ok && present != v {
			return false
		}
	}
	sameName := func(o series) bool { return o.name == s.name }
	return len(d.series) < maxMetrics && !slices.ContainsFunc(d.series, sameName)
}

// members returns the root of the document.
func (d *document) members(at time.Time) map[string]any {
	root := map[string]any{"_aws": map[string]any{"Timestamp": at.UnixMilli(), "CloudWatchMetrics": d.directives()}}
	for k, v := range d.labels {
		root[k] = v
	}
	for _, s := range d.series {
		switch {
		case s.count != nil:
			root[s.name] = s.number()
		case s.gauge != nil:
			root[s.name] = *s.gauge
		case s.histogram != nil:
			root[s.name] = s.values()
		}
	}
	return root
}

// directive names the members of the document that are metrics, and their dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string // sets of label names; an empty one for a metric without labels
	Metrics    []definition
}

type definition struct{ Name, Unit string }

// directives returns one directive for the series with equal sets of label names.
func (d *document) directives() []directive {
	var all []directive
	for _, s := range d.series {
		sets := dimensions(s)
		i := slices.IndexFunc(all, func(a directive) bool { return slices.EqualFunc(a.Dimensions, sets, slices.Equal) })
		if i < 0 {
			i = len(all)
			all = append(all, directive{Namespace: d.namespace, Dimensions: sets})
		}
		all[i].Metrics = append(all[i].Metrics, definition{s.name, unitOf(s)})
	}
	return all
}

// dimensions returns the sets of label names under which CloudWatch records a series: without
// its optional labels, so that searches and sums do not miss it, and with them.
func dimensions(s series) [][]string {
	sets := [][]string{s.required}
	if len(s.names) > len(s.required) {
		sets = append(sets, s.names)
	}
	return sets
}

// unitOf returns CloudWatch's name of a unit. CloudWatch has none for money.
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
