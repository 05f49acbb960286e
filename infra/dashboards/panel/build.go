package panel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// Namespace of the service's own metrics in CloudWatch.
const Namespace = "InvoChain"

// rate of a counter, summed over all labels but those named.
func rate(counter string, by ...string) Line {
	return Line{
		Name: legend(by), Prom: fmt.Sprintf("sum%s (rate(%s[%s]))", clause(by), counter, Window),
		Cloud: perSecond(own("Sum", counter)),
	}
}

// rateOf is rate of the series that match.
func rateOf(counter string, m match, by ...string) Line {
	return Line{
		Name: legend(by), Prom: fmt.Sprintf("sum%s (rate(%s{%s}[%s]))", clause(by), counter, m.prom, Window),
		Cloud: perSecond(own("Sum", counter, m.cloud)),
	}
}

// match picks series, as PromQL and as CloudWatch's search say it.
type match struct{ prom, cloud string }

func same(text string) match { return match{text, text} }

// p95 of a histogram, by the labels named.
func p95(histogram string, by ...string) Line {
	return Line{
		Name:  legend(by),
		Prom:  fmt.Sprintf("histogram_quantile(0.95, sum%s (rate(%s_bucket[%s])))", clause(append([]string{"le"}, by...)), histogram, Window),
		Cloud: own("p95", histogram),
	}
}

// latest of a gauge. It is the same whoever tells it: so the largest.
func latest(gauge string, by ...string) Line {
	return Line{Name: legend(by), Prom: fmt.Sprintf("max%s (%s)", clause(by), gauge), Cloud: own("Maximum", gauge)}
}

// named gives a line its name.
func (l Line) named(name string) Line {
	l.Name = name
	return l
}

// own finds the series of one of our metrics. CloudWatch knows them by the labels that
// they have, in the order of the catalogue; match is label="value".
func own(stat, name string, match ...string) string {
	schema := Namespace
	for _, m := range metric.Catalogue() {
		if m.Name == name {
			schema = strings.Join(append([]string{Namespace}, m.Labels...), ",")
		}
	}
	return search(schema, stat, name, match...)
}

func search(schema, stat, metric string, match ...string) string {
	terms := strings.TrimSpace(fmt.Sprintf("MetricName=%q %s", metric, strings.Join(match, " ")))
	return fmt.Sprintf("SEARCH('{%s} %s', '%s', 60)", schema, terms, stat)
}

func perSecond(sum string) string { return sum + "/60" }

// aws is a metric that AWS itself records, of one thing with a name that is known.
func aws(stat, namespace, metric, dimension, value string) string {
	return search(namespace+","+dimension, stat, metric, fmt.Sprintf("%s=%q", dimension, value))
}

func clause(by []string) string {
	if len(by) == 0 {
		return ""
	}
	return " by (" + strings.Join(by, ", ") + ")"
}

func legend(by []string) string {
	names := slices.Clone(by)
	for i, label := range names {
		names[i] = "{{" + label + "}}"
	}
	return strings.Join(names, " ")
}
