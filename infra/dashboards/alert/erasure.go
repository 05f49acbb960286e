package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// erasureAlerts returns the alert on erasures that are not finished in time.
func erasureAlerts() []Alert {
	return []Alert{{
		Name: "ErasureOverdue", Severity: Ticket, Runbook: "erasure-overdue", For: 5 * time.Minute,
		Summary: "The keys of an erasure still exist a day after its time, though no answer shows the contact.",
		Expr:    fmt.Sprintf("max(%s) > 0", metric.ErasuresOverdue),
		Cloud: []CloudWatchCondition{{
			Terms:  []Term{own("overdue", metric.ErasuresOverdue, "Maximum")},
			Period: 5 * time.Minute, Periods: 1,
		}},
	}}
}
