// Package alert defines the alerts. Each is written once and rendered as a rule for
// Prometheus and as alarms for CloudWatch.
package alert

import (
	"slices"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// Severity is how soon a person must respond.
type Severity string

// Severities.
const (
	Page   Severity = "page"   // now: callers are affected, or will be before the next working day
	Ticket Severity = "ticket" // on the next working day
)

// Alert is a condition that a person must respond to.
type Alert struct {
	Name     string
	Severity Severity
	Summary  string        // one sentence: what is wrong and what it means
	Runbook  string        // a page of docs/runbooks, without extension
	Expr     string        // PromQL; the alert fires while it returns a series
	For      time.Duration // how long Expr must hold before the alert fires
	// Cloud holds the conditions for CloudWatch; the alarm fires while all of them hold. It is
	// empty for DeadLetters, DeadLettersOld and QueueOld: the observability stack adds an alarm for each
	// queue.
	Cloud []CloudWatchCondition
}

// CloudWatchCondition is a condition on CloudWatch metrics.
type CloudWatchCondition struct {
	Terms     []Term
	Math      string // an expression on the terms' ids; empty for a single term
	Period    time.Duration
	Periods   int     // consecutive periods that must exceed the threshold
	Threshold float64 // the alarm fires above it
	// BreachOnMissing makes missing data breach the alarm.
	BreachOnMissing bool
}

// Term is a metric of CloudWatch and the statistic to read.
type Term struct {
	ID              string // names the term in Math
	Namespace, Name string
	Dimensions      []Dimension
	Stat            string
}

// Dimension is a dimension of a metric in CloudWatch. Those of our own metrics are their labels.
type Dimension struct{ Name, Value string }

// Labels returns the names of the term's dimensions.
func (t Term) Labels() []string {
	var names []string
	for _, d := range t.Dimensions {
		names = append(names, d.Name)
	}
	return names
}

// InCell returns the term as a cell's: its own metrics have a namespace, and its API a name of their own.
func (t Term) InCell(cell string) Term {
	if t.Namespace == metric.Namespace("") {
		t.Namespace = metric.Namespace(cell)
	}
	t.Dimensions = slices.Clone(t.Dimensions)
	for i, d := range t.Dimensions {
		if d.Name == "ApiName" && cell != "" {
			t.Dimensions[i].Value += "-" + cell
		}
	}
	return t
}

// All returns every alert: those on objectives first, then on sagas, on queues, on the audit log,
// on erasures, on sales, on callers.
func All() []Alert {
	return slices.Concat(
		burnRateAlerts(), sagaAlerts(), queueAlerts(), auditLogAlerts(), erasureAlerts(), saleAlerts(), callerAlerts())
}

// Link returns the path of the alert's runbook in the repository.
func (a Alert) Link() string { return "docs/runbooks/" + a.Runbook + ".md" }
