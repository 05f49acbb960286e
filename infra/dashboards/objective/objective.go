// Package objective says what the service promises its callers, as queries: dashboards,
// alerts and docs/slo.md use the same ones.
package objective

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// Budgets: the share of requests that may miss an objective.
const (
	ErrorBudget = "0.001" // 99.9 % of requests are answered by something other than 5xx
	SlowBudget  = "0.05"  // 95 % are answered within Fast
)

// Fast is the bound of a fast answer, in seconds: a bucket's bound, so that counting
// needs no interpolation.
const Fast = "0.5"

// served leaves out the probes of health: nobody's invoices, and many.
const served = `route!~"/health.*"`

// Errors is the share of requests within a window (5m, 1h, 3d) that failed on our side.
// What the caller did wrong, and what was refused with a reason (4xx), is not an error.
func Errors(window string) string {
	return fmt.Sprintf(`(sum(rate(%[1]s{status=~"5..",%[2]s}[%[3]s])) or vector(0)) / sum(rate(%[1]s{%[2]s}[%[3]s]))`,
		metric.HTTPRequests, served, window)
}

// Slow is the share of requests within a window that took longer than Fast.
func Slow(window string) string {
	return fmt.Sprintf(`1 - sum(rate(%[1]s_bucket{le="%[2]s",%[3]s}[%[4]s])) / sum(rate(%[1]s_count{%[3]s}[%[4]s]))`,
		metric.HTTPDuration, Fast, served, window)
}

// Burn is a speed at which the budget of 30 days is used up, seen over a long window
// and, so that it ends soon after its cause, over a short one.
type Burn struct {
	Name        string
	Times       string // the speed: 1 uses the budget up in just 30 days
	Long, Short time.Duration
	Page        bool // a person is woken; else it can wait for the morning
}

// Burns are the four of the SRE Workbook, chapter 5, table 5-8: 2 % of the budget in an
// hour, 5 % in six, 10 % in one day, 10 % in three.
func Burns() []Burn {
	const day = 24 * time.Hour
	return []Burn{
		{"Fast", "14.4", time.Hour, 5 * time.Minute, true},
		{"Steady", "6", 6 * time.Hour, 30 * time.Minute, true},
		{"Slow", "3", day, 2 * time.Hour, false},
		{"Creeping", "1", 3 * day, 6 * time.Hour, false},
	}
}

// Window writes a duration as queries do.
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
