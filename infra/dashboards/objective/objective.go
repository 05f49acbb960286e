// Package objective defines the service level objectives as queries. Dashboards, alerts and
// docs/slo.md all use these.
package objective

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// The budgets are the shares of requests that may miss an objective.
const (
	ErrorBudget = "0.001" // 99.9 % of the responses are not 5xx
	SlowBudget  = "0.05"  // 95 % of the responses take at most Fast
)

// Fast is the longest duration of a fast response, in seconds. It is the bound of a bucket of
// the histogram, so that fast responses are counted without interpolation.
const Fast = "0.5"

// served excludes health checks: they are frequent and issue no invoices.
const served = `route!~"/health.*"`

// Errors returns the query for the share of 5xx responses within a window such as 5m, 1h or
// 3d. A 4xx response is not an error.
func Errors(window string) string {
	return fmt.Sprintf(`(sum(rate(%[1]s{status=~"5..",%[2]s}[%[3]s])) or vector(0)) / sum(rate(%[1]s{%[2]s}[%[3]s]))`,
		metric.HTTPRequests, served, window)
}

// Slow returns the query for the share of responses within a window that took longer than Fast.
func Slow(window string) string {
	return fmt.Sprintf(`1 - sum(rate(%[1]s_bucket{le="%[2]s",%[3]s}[%[4]s])) / sum(rate(%[1]s_count{%[3]s}[%[4]s]))`,
		metric.HTTPDuration, Fast, served, window)
}

// Burn is a burn rate to alert on: how fast a budget of 30 days is used up. It is measured
// over a long window and over a short one; the short one ends the alert soon after its cause.
type Burn struct {
	Name        string
	Times       string // the burn rate; 1 uses up the budget in exactly 30 days
	Long, Short time.Duration
	Page        bool // page the engineer on call; otherwise open a ticket
}

// Burns returns the four burn rates of the SRE Workbook, chapter 5, table 5-8: 2 % of the
// budget in an hour, 5 % in six hours, 10 % in one day, 10 % in three days.
func Burns() []Burn {
	const day = 24 * time.Hour
	return []Burn{
		{"Fast", "14.4", time.Hour, 5 * time.Minute, true},
		{"Steady", "6", 6 * time.Hour, 30 * time.Minute, true},
		{"Slow", "3", day, 2 * time.Hour, false},
		{"Creeping", "1", 3 * day, 6 * time.Hour, false},
	}
}

// Window formats a duration as queries do: 5m, 1h, 3d.
func Window(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
}
