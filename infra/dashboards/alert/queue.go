package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// Names of the alerts that have an alarm for each queue in CloudWatch.
const (
	DeadLetters = "DeadLetters"
	QueueOld    = "QueueOld"
)

// queueAlerts returns the alerts on queues and on the audit, which happen after the response.
func queueAlerts() []Alert {
	issued := func(door string) Term { return own(door, metric.InvoiceCreated, "Sum", "door", door) }
	return []Alert{
		{
			Name: DeadLetters, Severity: Ticket, Runbook: "dlq", For: time.Minute,
			Summary: "A dead letter queue holds messages: they failed and are no longer retried.",
			Expr:    fmt.Sprintf("max by (queue) (%s) > 0", metric.DLQMessages),
		},
		{
			Name: QueueOld, Severity: Ticket, Runbook: "queues", For: time.Minute,
			Summary: "The oldest message of a queue has waited for more than five minutes.",
			Expr:    fmt.Sprintf("max by (queue) (%s) > 300", metric.QueueOldest),
		},
		{
			Name: "AuditLate", Severity: Ticket, Runbook: "audit-lag", For: 5 * time.Minute,
			Summary: "More than 1 % of the invoices were audited more than 30 s after they were issued.",
			Expr: fmt.Sprintf(`1 - sum(rate(%[1]s_bucket{le="30"}[10m])) / sum(rate(%[1]s_count[10m])) > 0.01`,
				metric.AuditLag),
			Cloud: []CloudWatchCondition{{
				Terms: []Term{own("lag", metric.AuditLag, "PR(:30)")}, Math: "1 - lag / 100",
				Period: 5 * time.Minute, Periods: 2, Threshold: 0.01,
			}},
		},
		{
			Name: "AuditStopped", Severity: Page, Runbook: "audit-lag", For: 5 * time.Minute,
			Summary: "Invoices are issued but none of them is audited.",
			Expr: fmt.Sprintf("sum(increase(%s[10m])) > 0 unless sum(increase(%s_count[10m])) > 0",
				metric.InvoiceCreated, metric.AuditLag),
			Cloud: []CloudWatchCondition{{
				Terms:  []Term{issued("http"), issued("queue"), own("audited", metric.AuditLag, "SampleCount")},
				Math:   "IF(FILL(http, 0) + FILL(queue, 0) > 0 AND FILL(audited, 0) == 0, 1, 0)",
				Period: 5 * time.Minute, Periods: 2,
			}},
		},
	}
}
