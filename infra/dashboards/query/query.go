// Package query holds queries against the catalogue of metrics: a graph or an alert on
// a name that nobody records stays silent for ever.
package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metricsql"

	"github.com/invochain/invochain/shared/metric"
)

// Check says what is wrong with a query in PromQL: it does not parse, a metric or a
// label is not in the catalogue, a histogram is used without its suffix, a gauge as if
// it counted. Nil if nothing is.
func Check(text string) []string {
	parsed, err := metricsql.Parse(text)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			wrong = append(wrong, checkSeries(e)...)
		case *metricsql.FuncExpr:
			wrong = append(wrong, checkCall(e)...)
		case *metricsql.AggrFuncExpr:
			wrong = append(wrong, checkKept(e)...)
		}
	})
	return wrong
}

func checkSeries(e *metricsql.MetricExpr) []string {
	name, labels, ok := series(e)
	if !ok {
		return []string{fmt.Sprintf("%s: no such metric", e.AppendString(nil))}
	}
	var wrong []string
	for _, filters := range e.LabelFilterss {
		for _, f := range filters {
			if f.Label != "__name__" && !slices.Contains(labels, f.Label) {
				wrong = append(wrong, fmt.Sprintf("%s has no label %s", name, f.Label))
			}
		}
	}
	return wrong
}

// checkCall: what grows is rated, what is a state is not.
func checkCall(e *metricsql.FuncExpr) []string {
	counts := slices.Contains([]string{"rate", "increase", "irate"}, e.Name)
	var wrong []string
	for _, name := range names(e) {
		if m, _, _ := find(name); counts && m.Kind == metric.Gauge {
			wrong = append(wrong, fmt.Sprintf("%s of the gauge %s", e.Name, name))
		}
	}
	return wrong
}

// checkKept: a label that an aggregation keeps must be one of what it aggregates.
func checkKept(e *metricsql.AggrFuncExpr) []string {
	known := []string{}
	for _, name := range names(e) {
		_, labels, _ := find(name)
		known = append(known, labels...)
	}
	var wrong []string
	for _, label := range e.Modifier.Args {
		if !slices.Contains(known, label) {
			wrong = append(wrong, fmt.Sprintf("%s (%s): %s have no such label", e.Modifier.Op, label, strings.Join(names(e), ", ")))
		}
	}
	return wrong
}

// names of all series within an expression.
func names(e metricsql.Expr) []string {
	var all []string
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		if m, ok := e.(*metricsql.MetricExpr); ok {
			name, _, _ := series(m)
			all = append(all, name)
		}
	})
	return all
}

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

// find a series by its name: a histogram has three, and le is a label of one.
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
