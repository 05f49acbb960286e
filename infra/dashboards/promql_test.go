package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metricsql"

	"github.com/invochain/invochain/shared/metric"
)

// checkPromQL returns the faults of a query in PromQL, nil if it has none: a syntax
// error, a metric or label that is not in the catalogue, a histogram without its suffix,
// a rate of a gauge. A query on a name that is never recorded stays empty for ever.
func checkPromQL(text string) []string {
	parsed, err := metricsql.Parse(text)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			faults = append(faults, checkSeries(e)...)
		case *metricsql.FuncExpr:
			faults = append(faults, checkRate(e)...)
		case *metricsql.AggrFuncExpr:
			faults = append(faults, checkGrouping(e)...)
		}
	})
	return faults
}

// checkSeries checks the metric and the labels of a selector.
func checkSeries(e *metricsql.MetricExpr) []string {
	name, labels, ok := series(e)
	if !ok {
		return []string{fmt.Sprintf("%s: no such metric", e.AppendString(nil))}
	}
	var faults []string
	for _, filters := range e.LabelFilterss {
		for _, f := range filters {
			if f.Label != "__name__" && !slices.Contains(labels, f.Label) {
				faults = append(faults, fmt.Sprintf("%s has no label %s", name, f.Label))
			}
		}
	}
	return faults
}

// checkRate rejects a rate of a gauge.
func checkRate(e *metricsql.FuncExpr) []string {
	isRate := slices.Contains([]string{"rate", "increase", "irate"}, e.Name)
	var faults []string
	for _, name := range seriesNames(e) {
		if m, _, _ := find(name); isRate && m.Kind == metric.Gauge {
			faults = append(faults, fmt.Sprintf("%s of the gauge %s", e.Name, name))
		}
	}
	return faults
}

// checkGrouping rejects an aggregation by a label that the aggregated series do not have.
func checkGrouping(e *metricsql.AggrFuncExpr) []string {
	known := []string{}
	for _, name := range seriesNames(e) {
		_, labels, _ := find(name)
		known = append(known, labels...)
	}
	var faults []string
	for _, label := range e.Modifier.Args {
		if !slices.Contains(known, label) {
			names := strings.Join(seriesNames(e), ", ")
			faults = append(faults, fmt.Sprintf("%s (%s): %s have no such label", e.Modifier.Op, label, names))
		}
	}
	return faults
}

// seriesNames returns the names of all series in an expression.
func seriesNames(e metricsql.Expr) []string {
	var names []string
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		if m, ok := e.(*metricsql.MetricExpr); ok {
			name, _, _ := series(m)
			names = append(names, name)
		}
	})
	return names
}

// series returns the name of a selector's metric and its labels in the catalogue.
func series(e *metricsql.MetricExpr) (name string, labels []string, ok bool) {
	for _, filters := range e.LabelFilterss {
		for _, f := range filters {
			if f.Label == "__name__" {
				name = f.Value
			}
		}
	}
	_, labels, ok = find(name)
	return name, labels, ok
}

// find looks a series up in the catalogue. A histogram has three series; only its
// buckets have the label le.
func find(name string) (m metric.Definition, labels []string, ok bool) {
	for _, m := range metric.Catalogue() {
		suffix, found := strings.CutPrefix(name, m.Name)
		switch {
		case !found:
		case m.Kind == metric.Histogram && suffix == "_bucket":
			return m, slices.Concat(m.Labels, []string{"le"}), true
		case m.Kind == metric.Histogram && (suffix == "_count" || suffix == "_sum"),
			m.Kind != metric.Histogram && suffix == "":
			return m, m.Labels, true
		}
	}
	return metric.Definition{}, nil, false
}
