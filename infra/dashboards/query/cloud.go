package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/invochain/invochain/infra/dashboards/panel"
	"github.com/invochain/invochain/shared/metric"
)

// native are the metrics that AWS itself records and that we use, by namespace: from
// the services' developer guides, sections on CloudWatch metrics.
func native() map[string][]string {
	return map[string][]string{
		"AWS/ApiGateway": {"5XXError", "Count", "Latency"},
		"AWS/SQS":        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
	}
}

// CheckCloud says what is wrong with the searches of a metric math expression.
func CheckCloud(text string) []string {
	search := regexp.MustCompile(`SEARCH\('\{([^}]*)\} MetricName="([^"]*)"([^']*)', '([^']*)', 60\)`)
	found := search.FindAllStringSubmatch(text, -1)
	if len(found) == 0 || len(found) != strings.Count(text, "SEARCH(") {
		return []string{text + " asks for nothing that is understood"}
	}
	var wrong []string
	for _, f := range found {
		schema := strings.Split(f[1], ",")
		wrong = append(wrong, CheckMetric(schema[0], f[2], f[4], schema[1:])...)
		for _, m := range regexp.MustCompile(`(\w+)=`).FindAllStringSubmatch(f[3], -1) {
			if !slices.Contains(schema[1:], m[1]) {
				wrong = append(wrong, fmt.Sprintf("%s has no dimension %s", f[2], m[1]))
			}
		}
	}
	return wrong
}

// CheckMetric says what is wrong with asking CloudWatch for a statistic of a metric by
// the names of its dimensions.
func CheckMetric(namespace, name, stat string, dimensions []string) []string {
	if namespace != panel.Namespace {
		if !slices.Contains(native()[namespace], name) {
			return []string{fmt.Sprintf("%s %s: no such metric", namespace, name)}
		}
		return nil
	}
	for _, m := range metric.Catalogue() {
		switch {
		case m.Name != name:
		case !slices.Equal(dimensions, m.Labels) && len(dimensions)+len(m.Labels) > 0:
			return []string{fmt.Sprintf("%s has the dimensions %v, not %v", name, m.Labels, dimensions)}
		case !fits(m.Kind, stat):
			return []string{fmt.Sprintf("%s of a %s cannot be asked: %s", stat, m.Kind, name)}
		default:
			return nil
		}
	}
	return []string{name + ": no such metric"}
}

// fits: counters are added up, states are not, durations are distributions.
func fits(k metric.Kind, stat string) bool {
	switch k {
	case metric.Counter:
		return stat == "Sum"
	case metric.Gauge:
		return stat == "Maximum" || stat == "Minimum"
	default:
		return stat == "Sum" || stat == "SampleCount" || stat[0] == 'p' || strings.HasPrefix(stat, "PR(")
	}
}
