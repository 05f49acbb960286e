package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// saleAlerts returns the alert on invoices whose sale was not booked by their event.
func saleAlerts() []Alert {
	return []Alert{{
		Name: "SalesNotBooked", Severity: Ticket, Runbook: "sales-not-booked",
		Summary: "Invoices were issued whose events did not book the sale: subscribers may have missed the events too.",
		Expr:    fmt.Sprintf("sum(increase(%s[1h])) > 0", metric.LateSales),
		Cloud: []CloudWatchCondition{{
			Terms: []Term{
				own("confirmed", metric.LateSales, "Sum", "outcome", "confirmed"),
				own("failed", metric.LateSales, "Sum", "outcome", "failed"),
			},
			Math: "FILL(confirmed, 0) + FILL(failed, 0)", Period: time.Hour, Periods: 1,
		}},
	}}
}

// SalesNotCompared returns the alert on the function that compares invoices and reservations, by its name in
// Lambda: without it, SalesNotBooked does not fire.
func SalesNotCompared(function string) Alert {
	return Alert{
		Name: "SalesNotCompared", Severity: Ticket, Runbook: "sales-not-booked",
		Summary: "No hourly run of confirm-sales has succeeded for three hours: a sale that no event booked stays reserved.",
		Cloud:   []CloudWatchCondition{noRun(function, time.Hour, 3)},
	}
}
