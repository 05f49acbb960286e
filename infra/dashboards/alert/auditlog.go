package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// auditLogAlerts returns the alerts on the signed audit log.
func auditLogAlerts() []Alert {
	return []Alert{
		{
			Name: "AuditAltered", Severity: Page, Runbook: "audit-altered",
			Summary: "The audit log is not what was signed: an entry, a tile or the checkpoint was changed.",
			Expr: fmt.Sprintf(`sum(increase(%s{outcome="altered"}[10m])) > 0 or sum(increase(%s[10m])) > 0`,
				metric.AuditSeals, metric.AuditAlterations),
			Cloud: []CloudWatchCondition{{
				Terms: []Term{
					own("seals", metric.AuditSeals, "Sum", "outcome", "altered"), own("receipts", metric.AuditAlterations, "Sum"),
				},
				Math: "FILL(seals, 0) + FILL(receipts, 0)", Period: time.Minute, Periods: 1,
			}},
		},
		{
			Name: "SealLate", Severity: Ticket, Runbook: "audit-seal",
			Summary: "Entries of the audit log have not been signed for more than five minutes: they have no receipts.",
			Expr:    fmt.Sprintf("max(%s) > 300", metric.AuditSealAge),
			Cloud: []CloudWatchCondition{{
				Terms:  []Term{own("age", metric.AuditSealAge, "Maximum")},
				Period: time.Minute, Periods: 1, Threshold: 300,
			}},
		},
	}
}
