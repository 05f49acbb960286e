package collector

import (
	"slices"
	"time"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// instances keeps the last report of each instance about the gauges that only instances
// know. An instance without a report for ttl counts as gone, since a killed one cannot
// report its end.
type instances struct {
	ttl     time.Duration
	limit   int // instances
	reports map[string]report
}

type report struct {
	at     time.Time
	values map[string]float64 // by metric
}

// instanceGauges lists the gauges that only instances know; none has labels. All other
// gauges are read from their source: an instance reports them for CloudWatch alone.
func instanceGauges() []string { return []string{metric.DynamoDBConnections} }

// update stores a report, unless it is older than the stored one or than ttl. It returns
// false if there is no room for another instance.
func (is *instances) update(instance string, at, now time.Time, gauges []delta) bool {
	if at.Before(now.Add(-is.ttl)) || at.Before(is.reports[instance].at) {
		return true
	}
	r := report{at, map[string]float64{}}
	for _, g := range gauges {
		if slices.Contains(instanceGauges(), g.Name) && len(g.Labels) == 0 && g.Value >= 0 && g.Value <= largest {
			r.values[g.Name] = g.Value
		}
	}
	if len(r.values) == 0 {
		return true
	}
	if _, known := is.reports[instance]; !known && len(is.reports) >= is.limit {
		is.expire(now)
		if len(is.reports) >= is.limit {
			return false
		}
	}
	is.reports[instance] = r
	return true
}

// expire removes the instances that are gone.
func (is *instances) expire(now time.Time) {
	for name, r := range is.reports {
		if now.Sub(r.at) > is.ttl {
			delete(is.reports, name)
		}
	}
}

// readings returns the sum of each gauge over the live instances.
func (is *instances) readings(now time.Time) []gauge.Reading {
	is.expire(now)
	var list []gauge.Reading
	for _, name := range instanceGauges() {
		total := 0.0
		for _, r := range is.reports {
			total += r.values[name]
		}
		list = append(list, gauge.Reading{Name: name, Value: total})
	}
	return list
}
