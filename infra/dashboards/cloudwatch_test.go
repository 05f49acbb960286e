package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// awsMetrics returns, by namespace, the metrics of AWS itself that the dashboards use.
// Source: the services' developer guides, sections on CloudWatch metrics.
func awsMetrics() map[string][]string {
	return map[string][]string{
		"AWS/ApiGateway": {"5XXError", "Count", "Latency"},
		"AWS/SQS":        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
	}
}

// checkCloudWatch returns the faults of the searches in a metric math expression.
func checkCloudWatch(text string) []string {
	search := regexp.MustCompile(`SEARCH\('\{([^}]*)\} MetricName="([^"]*)"([^']*)', '([^']*)', 60\)`)
	found := search.FindAllStringSubmatch(text, -1)
	if len(found) == 0 || len(found) != strings.Count(text, "SEARCH(") {
		return []string{text + " has no search, or one that this test cannot read"}
	}
	var faults []string
	for _, f := range found {
		schema := strings.Split(f[1], ",")
		faults = append(faults, checkMetric(schema[0], f[2], f[4], schema[1:])...)
		for _, m := range regexp.MustCompile(`(\w+)=`).FindAllStringSubmatch(f[3], -1) {
			if !slices.Contains(schema[1:], m[1]) {
				faults = append(faults, fmt.Sprintf("%s has no dimension %s", f[2], m[1]))
			}
		}
	}
	return faults
}

// checkMetric returns the faults of a request to CloudWatch for one statistic of a
// metric with the named dimensions.
func checkMetric(namespace, name, stat string, dimensions []string) []string {
	if namespace != metric.Namespace("") {
		if !slices.Contains(awsMetrics()[namespace], name) {
			return []string{fmt.Sprintf("%s %s: no such metric", namespace, name)}
		}
		return nil
	}
	for _, m := range metric.Catalogue() {
		switch {
		case m.Name != name:
		case !slices.Equal(dimensions, m.Labels) && !slices.Equal(dimensions, required(m)):
			return []string{fmt.Sprintf("%s has the dimensions %v, not %v", name, m.Labels, dimensions)}
		case !hasStatistic(m.Kind, stat):
			return []string{fmt.Sprintf("a %s has no statistic %s: %s", m.Kind, stat, name)}
		default:
			return nil
		}
	}
	return []string{name + ": no such metric"}
}

// required returns the labels of a metric without those that may be empty.
func required(m metric.Definition) []string {
	return slices.DeleteFunc(slices.Clone(m.Labels), func(label string) bool { return metric.Optional(m.Name, label) })
}

// hasStatistic reports whether a statistic makes sense for a kind of metric: counters
// are summed, gauges are not, histograms also have percentiles.
func hasStatistic(k metric.Kind, stat string) bool {
	switch k {
	case metric.Counter:
		return stat == "Sum"
	case metric.Gauge:
		return stat == "Maximum" || stat == "Minimum"
	default:
		return stat == "Sum" || stat == "SampleCount" || stat[0] == 'p' || strings.HasPrefix(stat, "PR(")
	}
}
