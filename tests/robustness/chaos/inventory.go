package main

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	quick   = 100 * time.Millisecond // P10, with the breaker open
	honest  = time.Second            // P10, while the inventory refuses
	opening = 5 * time.Second        // by when the fleet's breaker is open under load
)

// inventoryDown has nobody get through to the inventory: neither sagas, nor compensations,
// nor the bus's events.
func inventoryDown() experiment {
	return experiment{
		name: "inventory",
		hypothesis: "with the inventory down for a minute, callers are refused honestly and at once; " +
			"afterwards everybody gets their invoice, and no stock is left reserved",
		phases: []phase{{title: "the inventory's functions refuse every call", last: time.Minute, during: refuseInventory}},
		expect: expectRefusals,
		// Nearly every request is a 503 for a minute: the error budget burns.
		must: []string{"ErrorsFast"},
		// The budget's other windows look back on what there is, so they see the same share. What
		// was compensated while the release was refused too is STUCK until it is redriven, and
		// lies in the DLQ until the next look: both for a minute or so, as long as their rules wait.
		// BreakerOpen waits for two minutes: an outage of one must not set it off.
		// Callers who were told to come back when the breaker probes come back together: for some
		// seconds they are more than two cores answer within 500 ms.
		may: []string{"ErrorsSteady", "ErrorsSlow", "SagaStuck", "DeadLetters", "LatencySteady", "LatencySlow"},
	}
}

func refuseInventory(ctx context.Context, r *run) (refused int, err error) {
	began, functions := time.Now(), []string{"INVOCHAIN_RESERVE_FUNCTION", "INVOCHAIN_RELEASE_FUNCTION"}
	defer func() { err = errors.Join(err, r.Allow(context.WithoutCancel(ctx), true, functions...)) }()
	if err := r.Allow(ctx, false, functions...); err != nil {
		return 0, err
	}
	<-ctx.Done()
	return len(those(r.load.between(began, time.Now()), unavailable)), nil
}

func unavailable(a answer) bool { return a.Status == http.StatusServiceUnavailable }

// expectRefusals is P10.
func expectRefusals(r *run) {
	from := r.began[0]
	list := r.load.between(from, r.healed)
	r.honestOnly(list)
	before := those(r.load.between(from, from.Add(opening)), unavailable)
	r.check(quantile(before, 0.95) < honest, "P10 while the breaker finds out, a refusal takes p95 %d ms (under %d)", ms(quantile(before, 0.95)), ms(honest))
	open := those(r.load.between(from.Add(opening), r.healed), func(a answer) bool { return a.code == "inventory_unavailable" })
	p95 := quantile(open, 0.95)
	r.check(len(open) > 0 && p95-r.floor < quick, "P10 once it is open, %d refusals take p95 %d ms (under %d over the %d of an answer that costs nothing)",
		len(open), ms(p95), ms(quick), ms(r.floor))
}

// honestOnly holds answers to what an integrator can handle: 201, or when to come back.
func (r *run) honestOnly(list []answer) {
	bad := those(list, func(a answer) bool {
		known := a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests || a.Status == http.StatusConflict
		return a.Status != http.StatusCreated && (!known || a.After == 0)
	})
	r.none(len(bad), "each of %d answers is a 201, or a 503, 429 or 409 that says when to come back", len(list))
}
