package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/infra/dashboards/objective"
	"github.com/invochain/invochain/shared/metric"
)

// Names of the alerts that have an alarm for each queue in CloudWatch.
const (
	DeadLetters    = "DeadLetters"
	DeadLettersOld = "DeadLettersOld"
	QueueOld       = "QueueOld"
)

// ArrivalWindow is how long DeadLetters fires after a dead letter arrived.
const ArrivalWindow = 15 * time.Minute

// DeadLetterAge is the age of a dead letter from which on DeadLettersOld fires. SQS deletes it at
// twice that.
const DeadLetterAge = 7 * 24 * time.Hour

// deadLetters selects the dead letter queues with alerts. A message in that of failed compensations is
// a copy of what the saga's record has: SagaStuck fires for it, until the saga is undone.
const deadLetters = metric.DLQMessages + `{queue!="compensation"}`

// queueAlerts returns the alerts on queues and on the audit, which happen after the response.
func queueAlerts() []Alert {
	issued := func(door string) Term { return own(door, metric.InvoiceCreated, "Sum", "door", door) }
	return []Alert{
		{
			Name: DeadLetters, Severity: Ticket, Runbook: "dlq", For: time.Minute,
			Summary: "Messages failed and are no longer retried: a dead letter queue holds more than before.",
			Expr: fmt.Sprintf("max by (queue) (%[1]s) > max by (queue) (min_over_time(%[1]s[%[2]s]))",
				deadLetters, objective.Window(ArrivalWindow)),
		},
		{
			Name: DeadLettersOld, Severity: Ticket, Runbook: "dlq",
			Summary: "A dead letter queue has held messages for a week: SQS deletes them after two.",
			Expr: fmt.Sprintf("max by (queue) (min_over_time(%[1]s[%[2]s])) > 0 and max by (queue) (%[1]s offset %[2]s) > 0",
				deadLetters, objective.Window(DeadLetterAge)),
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
