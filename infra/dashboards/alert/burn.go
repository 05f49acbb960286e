package alert

import (
	"fmt"
	"strconv"
	"time"

	"github.com/invochain/invochain/infra/dashboards/objective"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

// burnRateAlerts are the alerts on the objectives: each speed of the budget's use, over a long
// window and a short one.
func burnRateAlerts() []Alert {
	var all []Alert
	for _, b := range objective.Burns() {
		all = append(all, burn(b, Alert{
			Name: "Errors" + b.Name, Runbook: "errors",
			Summary: "Requests fail with 5xx: the error budget burns at " + b.Times + " times its speed, or more.",
		}, objective.Errors, objective.ErrorBudget, failing))
	}
	for _, b := range objective.Burns() {
		all = append(all, burn(b, Alert{
			Name: "Latency" + b.Name, Runbook: "latency",
			Summary: "Requests take longer than 0.5 s: the latency budget burns at " + b.Times + " times its speed, or more.",
		}, objective.Slow, objective.SlowBudget, tooSlow))
	}
	return all
}

func burn(b objective.Burn, a Alert, share func(window string) string, budget string, watch func(limit float64) CloudWatchCondition) Alert {
	over := func(d time.Duration) string {
		return fmt.Sprintf("(%s) > %s * %s", share(objective.Window(d)), b.Times, budget)
	}
	a.Severity, a.Expr = Ticket, over(b.Long)+" and "+over(b.Short)
	if b.Page {
		a.Severity = Page
	}
	for _, d := range []time.Duration{b.Long, b.Short} {
		a.Cloud = append(a.Cloud, within(d, watch(product(b.Times, budget))))
	}
	return a
}

// failing is over the limit if that share of requests was answered by 5xx. The gateway
// sees what no function does: time-outs, and functions that could not be started.
func failing(limit float64) CloudWatchCondition {
	return CloudWatchCondition{Terms: []Term{gateway("5XXError", "Average")}, Threshold: limit}
}

// tooSlow is over the limit if that share took more than 500 ms.
func tooSlow(limit float64) CloudWatchCondition {
	return CloudWatchCondition{Terms: []Term{gateway("Latency", "PR(:500)")}, Math: "1 - latency / 100", Threshold: limit}
}

func gateway(name, stat string) Term {
	return Term{
		ID: map[string]string{"5XXError": "errors", "Latency": "latency"}[name], Namespace: "AWS/ApiGateway", Name: name,
		Dimensions: []Dimension{{"ApiName", panel.API}}, Stat: stat,
	}
}

// within is a watch over a window. CloudWatch's longest period is a day: three days are
// three periods, each over the limit.
func within(d time.Duration, w CloudWatchCondition) CloudWatchCondition {
	const day = 24 * time.Hour
	w.Period, w.Periods = min(d, day), int(max(1, d/day))
	return w
}

// product of two decimal numbers of this package.
func product(a, b string) float64 {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil {
		panic("alert: not a number: " + a + " or " + b)
	}
	return x * y
}
