package panel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// rate returns the rate of a counter, summed over all labels except those in by.
func rate(counter string, by ...string) Line {
	return Line{
		Name: legend(by), Prom: fmt.Sprintf("sum%s (rate(%s[%s]))", clause(by), counter, Window),
		Cloud: perSecond(own("Sum", counter)),
	}
}

// rateOf returns the rate of those series of a counter that match.
func rateOf(counter string, m match, by ...string) Line {
	return Line{
		Name: legend(by), Prom: fmt.Sprintf("sum%s (rate(%s{%s}[%s]))", clause(by), counter, m.prom, Window),
		Cloud: perSecond(own("Sum", counter, m.cloud)),
	}
}

// match selects series, in PromQL and in the syntax of a CloudWatch search.
type match struct{ prom, cloud string }

// sameMatch returns a match that both languages write alike.
func sameMatch(text string) match { return match{text, text} }

// p95 returns the 95th percentile of a histogram, by the labels in by.
func p95(histogram string, by ...string) Line {
	byClause := clause(append([]string{"le"}, by...))
	return Line{
		Name:  legend(by),
		Prom:  fmt.Sprintf("histogram_quantile(0.95, sum%s (rate(%s_bucket[%s])))", byClause, histogram, Window),
		Cloud: own("p95", histogram),
	}
}

// latest returns the value of a gauge. It takes the maximum, because every instance reports
// the same value.
func latest(gauge string, by ...string) Line {
	return Line{Name: legend(by), Prom: fmt.Sprintf("max%s (%s)", clause(by), gauge), Cloud: own("Maximum", gauge)}
}

// withName returns the line with a name for the legend.
func (l Line) withName(name string) Line {
	l.Name = name
	return l
}

// own returns a search for the series of one of our own metrics. Their dimensions are the
// metric's labels in the order of the catalogue, without optional ones. Each match has the
// form label="value".
func own(stat, name string, match ...string) string {
	return ownBy(stat, name, func(label string) bool { return !metric.Optional(name, label) }, match...)
}

// ownBy returns a search for the series of one of our own metrics with those labels that
// isDimension accepts.
func ownBy(stat, name string, isDimension func(label string) bool, match ...string) string {
	schema := []string{metric.Namespace("")}
	for _, m := range metric.Catalogue() {
		for _, label := range m.Labels {
			if m.Name == name && isDimension(label) {
				schema = append(schema, label)
			}
		}
	}
	return search(strings.Join(schema, ","), stat, name, match...)
}

// search returns a CloudWatch search for a metric by its namespace and dimensions.
func search(schema, stat, metric string, match ...string) string {
	terms := strings.TrimSpace(fmt.Sprintf("MetricName=%q %s", metric, strings.Join(match, " ")))
	return fmt.Sprintf("SEARCH('{%s} %s', '%s', 60)", schema, terms, stat)
}

func perSecond(sum string) string { return sum + "/60" }

// aws returns a search for a metric that AWS itself records for one named resource.
func aws(stat, namespace, metric, dimension, value string) string {
	return search(namespace+","+dimension, stat, metric, fmt.Sprintf("%s=%q", dimension, value))
}

// clause returns the BY clause of a PromQL aggregation.
func clause(by []string) string {
	if len(by) == 0 {
		return ""
	}
	return " by (" + strings.Join(by, ", ") + ")"
}

// legend returns a name that shows the values of labels.
func legend(by []string) string {
	names := slices.Clone(by)
	for i, label := range names {
		names[i] = "{{" + label + "}}"
	}
	return strings.Join(names, " ")
}
