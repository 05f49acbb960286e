package collector

import (
	"slices"
	"time"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// instances keeps what each instance said last of the gauges that only instances know. One
// that was not heard of for a while is gone: nobody tells when an instance is killed.
type instances struct {
	keep      time.Duration
	limit     int // instances
	instances map[string]report
}

type report struct {
	at     time.Time
	values map[string]float64 // by metric
}

// spoken are the gauges that instances alone know. None has labels. What they say of
// others is for CloudWatch; here those are read from where the truth is.
func spoken() []string { return []string{metric.DynamoDBConnections} }

// tell keeps what is newer, and tells whether there was room.
func (l *instances) tell(instance string, at, now time.Time, said []Delta) bool {
	if at.Before(now.Add(-l.keep)) || at.Before(l.instances[instance].at) {
		return true // of one that is gone, or said before
	}
	r := report{at, map[string]float64{}}
	for _, d := range said {
		if slices.Contains(spoken(), d.Name) && len(d.Labels) == 0 && d.Value >= 0 && d.Value <= largest {
			r.values[d.Name] = d.Value
		}
	}
	if len(r.values) == 0 {
		return true
	}
	if _, known := l.instances[instance]; !known && len(l.instances) >= l.limit {
		l.forget(now)
		if len(l.instances) >= l.limit {
			return false
		}
	}
	l.instances[instance] = r
	return true
}

func (l *instances) forget(now time.Time) {
	for name, r := range l.instances {
		if now.Sub(r.at) > l.keep {
			delete(l.instances, name)
		}
	}
}

// readings are the sums over the instances that live.
func (l *instances) readings(now time.Time) []gauge.Reading {
	l.forget(now)
	var list []gauge.Reading
	for _, name := range spoken() {
		total := 0.0
		for _, r := range l.instances {
			total += r.values[name]
		}
		list = append(list, gauge.Reading{Name: name, Value: total})
	}
	return list
}
