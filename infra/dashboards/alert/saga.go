package alert

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/metric"
)

// sagaAlerts returns the alerts on sagas, their recovery and the circuit breaker.
func sagaAlerts() []Alert {
	release := `step="` + step.Release + `",outcome=`
	released := func(outcome string) Term {
		return own(outcome, metric.SagaCompensations, "Sum", "step", step.Release, "outcome", outcome)
	}
	return []Alert{
		{
			Name: "SagaStuck", Severity: Page, Runbook: "stuck-saga", For: time.Minute,
			Summary: "A saga could not be compensated: its stock may stay reserved and its idempotency key locked.",
			Expr:    fmt.Sprintf("max(%s) > 0", metric.SagaStuck),
			Cloud: []CloudWatchCondition{{
				Terms: []Term{own("stuck", metric.SagaStuck, "Maximum")}, Period: time.Minute, Periods: 2,
			}},
		},
		{
			Name: "SagaOverdue", Severity: Page, Runbook: "recovery",
			Summary: "A saga has been overdue for more than five minutes: recovery has not picked it up.",
			Expr:    fmt.Sprintf("max(%s) > 300", metric.SagaOldest),
			Cloud: []CloudWatchCondition{{
				Terms:  []Term{own("overdue", metric.SagaOldest, "Maximum")},
				Period: time.Minute, Periods: 1, Threshold: 300,
			}},
		},
		{
			Name: "RecoverNotRunning", Severity: Page, Runbook: "recovery", For: time.Minute,
			Summary: "Recovery has not completed a run for three minutes: interrupted sagas are not recovered.",
			Expr:    fmt.Sprintf(`(sum(increase(%s{outcome="ok"}[3m])) or vector(0)) == 0`, metric.RecoverRuns),
			Cloud: []CloudWatchCondition{{
				Terms: []Term{own("runs", metric.RecoverRuns, "Sum", "outcome", "ok")}, Math: "IF(FILL(runs, 0) > 0, 0, 1)",
				Period: 3 * time.Minute, Periods: 1, BreachOnMissing: true,
			}},
		},
		{
			Name: "ReservationLeak", Severity: Ticket, Runbook: "reservation-leak", For: 5 * time.Minute,
			Summary: "A release of stock failed, none has succeeded since, and no saga is left to retry it.",
			Expr: fmt.Sprintf(`sum(increase(%[1]s{%[2]s"failed"}[1h])) > 0 unless sum(increase(%[1]s{%[2]s"ok"}[1h])) > 0`+
				` and on() max(%[3]s) + max(%[4]s) == 0`, metric.SagaCompensations, release, metric.SagaInFlight, metric.SagaStuck),
			Cloud: []CloudWatchCondition{
				{
					Terms:  []Term{released("failed"), released("ok")},
					Math:   "IF(FILL(failed, 0) > 0 AND FILL(ok, 0) == 0, 1, 0)",
					Period: time.Hour, Periods: 1,
				},
				{
					Terms: []Term{
						own("inflight", metric.SagaInFlight, "Maximum"), own("stuck", metric.SagaStuck, "Maximum"),
					},
					Math: "IF(inflight + stuck == 0, 1, 0)", Period: 5 * time.Minute, Periods: 1,
				},
			},
		},
		{
			Name: "BreakerOpen", Severity: Page, Runbook: "breaker", For: 2 * time.Minute,
			Summary: "A circuit breaker has not been closed for two minutes: requests that need its dependency are refused.",
			Expr:    fmt.Sprintf("min by (dependency) (%s) > 0", metric.BreakerState),
			Cloud: []CloudWatchCondition{{
				Terms:  []Term{own("state", metric.BreakerState, "Minimum", "dependency", "inventory")},
				Period: time.Minute, Periods: 2,
			}},
		},
	}
}

// own returns a term for one of our own metrics. Labels are pairs of name and value.
func own(id, name, stat string, labels ...string) Term {
	t := Term{ID: id, Namespace: metric.Namespace(""), Name: name, Stat: stat}
	for i := 0; i+1 < len(labels); i += 2 {
		t.Dimensions = append(t.Dimensions, Dimension{labels[i], labels[i+1]})
	}
	return t
}
