package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/deployment"
)

// Bounds of promise P10.
const (
	openRefusal   = 100 * time.Millisecond // latency of a refusal with the breaker open
	closedRefusal = time.Second            // latency of a refusal before the breaker opens
	openWithin    = 5 * time.Second        // by then the breaker is open under load
)

// inventoryDown makes the inventory's functions refuse every call: those of sagas, of
// compensations and of the bus.
func inventoryDown() experiment {
	return experiment{
		name: "inventory",
		hypothesis: "with the inventory down for a minute, callers get a fast 503 with Retry-After; " +
			"afterwards every caller gets its invoice, and no stock is left reserved",
		phases: []phase{
			{title: "the inventory's functions refuse every call", duration: time.Minute, during: refuseInventory},
		},
		expect: expectRefusals,
		// Nearly every request is a 503 for a minute: the error budget burns.
		must: []string{"ErrorsFast"},
		// The budget's longer windows hold only this run, so they see the same share. A saga
		// whose release is refused too is STUCK until its redrive, and its message is in the
		// DLQ until recovery's next run: both for about as long as their rules wait.
		// BreakerOpen waits for two minutes, so an outage of one must not fire it.
		// Callers whose Retry-After ends with the breaker's first probe return together: for
		// some seconds they are more than two cores can answer within 500 ms.
		may: []string{"ErrorsSteady", "ErrorsSlow", "SagaStuck", "DeadLetters", "LatencySteady", "LatencySlow"},
	}
}

func refuseInventory(ctx context.Context, r *run) (refused int, err error) {
	start, functions := time.Now(), []string{deployment.ReserveFunction, deployment.ReleaseFunction}
	defer func() { err = errors.Join(err, r.Allow(context.WithoutCancel(ctx), true, functions...)) }()
	if err := r.Allow(ctx, false, functions...); err != nil {
		return 0, err
	}
	<-ctx.Done()
	return len(filter(r.load.between(start, time.Now()), unavailable)), nil
}

func unavailable(a answer) bool { return a.Status == http.StatusServiceUnavailable }

// expectRefusals checks P10.
func expectRefusals(r *run) {
	from := r.began[0]
	list := r.load.between(from, r.healed)
	r.onlyExpectedStatuses(list)
	before := quantile(filter(r.load.between(from, from.Add(openWithin)), unavailable), 0.95)
	r.check(before < closedRefusal,
		"P10 before the breaker opens, a refusal takes p95 %d ms (under %d)", ms(before), ms(closedRefusal))
	byBreaker := func(a answer) bool { return a.code == "inventory_unavailable" }
	open := filter(r.load.between(from.Add(openWithin), r.healed), byBreaker)
	p95 := quantile(open, 0.95)
	r.check(len(open) > 0 && p95-r.floor < openRefusal,
		"P10 with the breaker open, %d refusals take p95 %d ms (under %d plus the %d of GET /health)",
		len(open), ms(p95), ms(openRefusal), ms(r.floor))
}

// onlyExpectedStatuses checks that an integrator can handle every answer: a 201, or a
// refusal with Retry-After.
func (r *run) onlyExpectedStatuses(list []answer) {
	bad := filter(list, func(a answer) bool {
		refusal := a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests ||
			a.Status == http.StatusConflict
		return a.Status != http.StatusCreated && (!refusal || a.RetryAfter() == 0)
	})
	r.none(len(bad), "each of %d answers is a 201, or a 503, 429 or 409 with Retry-After", len(list))
}
