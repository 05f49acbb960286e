package alert

import (
	"fmt"
	"strconv"
	"time"

	"github.com/invochain/invochain/infra/dashboards/objective"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

// burnRateAlerts returns the alerts on the objectives: one for each burn rate.
func burnRateAlerts() []Alert {
	var alerts []Alert
	for _, b := range objective.Burns() {
		alerts = append(alerts, burnRateAlert(b, Alert{
			Name: "Errors" + b.Name, Runbook: "errors",
			Summary: "5xx responses use up the error budget at " + b.Times + " times the sustainable rate or faster.",
		}, objective.Errors, objective.ErrorBudget, failingCondition))
	}
	for _, b := range objective.Burns() {
		alerts = append(alerts, burnRateAlert(b, Alert{
			Name: "Latency" + b.Name, Runbook: "latency",
			Summary: "Responses slower than 0.5 s use up the latency budget at " + b.Times +
				" times the sustainable rate or faster.",
		}, objective.Slow, objective.SlowBudget, slowCondition))
	}
	return alerts
}

// burnRateAlert completes a with the conditions that the share of bad requests exceeds the
// budget b.Times over, both in the long window and in the short one.
func burnRateAlert(
	b objective.Burn, a Alert,
	share func(window string) string, budget string, condition func(limit float64) CloudWatchCondition,
) Alert {
	exceeds := func(d time.Duration) string {
		return fmt.Sprintf("(%s) > %s * %s", share(objective.Window(d)), b.Times, budget)
	}
	a.Severity, a.Expr = Ticket, exceeds(b.Long)+" and "+exceeds(b.Short)
	if b.Page {
		a.Severity = Page
	}
	for _, d := range []time.Duration{b.Long, b.Short} {
		a.Cloud = append(a.Cloud, withWindow(d, condition(product(b.Times, budget))))
	}
	return a
}

// failingCondition holds while the share of 5xx responses exceeds the limit. It reads the
// gateway's metric, which also counts timeouts and functions that could not be started.
func failingCondition(limit float64) CloudWatchCondition {
	return CloudWatchCondition{Terms: []Term{gateway("5XXError", "Average")}, Threshold: limit}
}

// slowCondition holds while the share of responses slower than 500 ms exceeds the limit.
func slowCondition(limit float64) CloudWatchCondition {
	return CloudWatchCondition{Terms: []Term{gateway("Latency", "PR(:500)")}, Math: "1 - latency / 100", Threshold: limit}
}

// gateway returns a metric that API Gateway records for our API.
func gateway(name, stat string) Term {
	return Term{
		ID:        map[string]string{"5XXError": "errors", "Latency": "latency"}[name],
		Namespace: "AWS/ApiGateway", Name: name,
		Dimensions: []Dimension{{"ApiName", panel.API}}, Stat: stat,
	}
}

// withWindow sets the window of a condition. The longest period in CloudWatch is a day, so
// three days are three periods, each of which must exceed the limit.
func withWindow(d time.Duration, c CloudWatchCondition) CloudWatchCondition {
	const day = 24 * time.Hour
	c.Period, c.Periods = min(d, day), int(max(1, d/day))
	return c
}

// product multiplies two decimal numbers of package objective.
func product(a, b string) float64 {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil {
		panic("alert: not a number: " + a + " or " + b)
	}
	return x * y
}
