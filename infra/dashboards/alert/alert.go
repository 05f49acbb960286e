// Package alert describes once what a person must be told of. Prometheus and CloudWatch
// each get their form of it.
package alert

import "time"

// Severity says how soon somebody must look.
type Severity string

// Severities.
const (
	Page   Severity = "page"   // now: callers are hurt, or will be before the morning
	Ticket Severity = "ticket" // on the next working day
)

// Alert is one condition.
type Alert struct {
	Name     string
	Severity Severity
	Summary  string
	Runbook  string        // a page of docs/runbooks, without its ending
	Expr     string        // PromQL; goes off for as long as it gives a series
	For      time.Duration // that it must hold before
	// Cloud is the same condition for CloudWatch: all of these at once. It is empty for
	// what CloudWatch has of each queue: the observability stack makes those.
	Cloud []CloudWatchCondition
}

// CloudWatchCondition is a condition on CloudWatch metrics.
type CloudWatchCondition struct {
	Terms     []Term
	Math      string // of the terms' ids; empty for the one term itself
	Period    time.Duration
	Periods   int // that must be over the threshold, one after the other
	Threshold float64
	// BreachOnMissing makes missing data breach the alarm.
	BreachOnMissing bool
}

// Term is one metric, as CloudWatch has it.
type Term struct {
	ID              string
	Namespace, Name string
	Dimensions      []Dimension
	Stat            string
}

// Dimension of a metric: a label, if the metric is ours.
type Dimension struct{ Name, Value string }

// Labels are the names of a term's dimensions.
func (t Term) Labels() []string {
	var names []string
	for _, d := range t.Dimensions {
		names = append(names, d.Name)
	}
	return names
}

// All alerts, in the order of the pages.
func All() []Alert {
	return append(burnRateAlerts(), append(inside(), behind()...)...)
}

// Link is where an alert's runbook lies in the repository.
func (a Alert) Link() string { return "docs/runbooks/" + a.Runbook + ".md" }
