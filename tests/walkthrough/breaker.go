package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Values of the breaker's gauge.
const (
	closed = 0
	open   = 2
)

// breakerOpens refuses the inventory's function and sends requests before the breaker
// opens, while it is open, and until it has closed again.
func (w *walk) breakerOpens(ctx context.Context) error {
	if err := errors.Join(w.awaitSale(ctx), w.awaitBreaker(ctx, closed)); err != nil {
		return fmt.Errorf("before the outage: %w", err)
	}
	before, err := w.Metrics(ctx)
	if err != nil {
		return err
	}
	if err := w.Allow(ctx, false, reserve); err != nil {
		return err
	}
	defer func() { _ = w.Allow(context.WithoutCancel(ctx), true, reserve) }()
	began := time.Now()
	failed, err := w.sales(ctx, 20, 5)
	if err != nil {
		return err
	}
	unexpected := func(r client.Reply) bool { return r.Status != 503 || r.Header.Get("Retry-After") == "" }
	w.check(!slices.ContainsFunc(failed, unexpected),
		"with the inventory's function refused, 20 requests get a 503 with Retry-After (in %s)", since(began))
	w.check(w.awaitBreaker(ctx, open) == nil, "/metrics: the breaker is open")
	opened := time.Now()
	refused, err := w.sales(ctx, 9, 1)
	if err != nil {
		return err
	}
	health, err := w.health(ctx, 9)
	if err != nil {
		return err
	}
	refusal, idle := median(refused), median(health)
	w.check(refusal.Status == 503 && refusal.Took-idle.Took < 100*time.Millisecond,
		"9 more are refused without a call to the inventory, half of them within %s (GET /health: %s)",
		refusal.Took.Round(time.Millisecond), idle.Took.Round(time.Millisecond))
	if err := w.checkCounts(ctx, before, float64(len(failed)+len(refused))); err != nil {
		return err
	}
	return w.closesAgain(ctx, opened)
}

// checkCounts compares the fleet's metrics with the requests sent. It waits, since metrics
// arrive after the responses and compensations take some seconds.
func (w *walk) checkCounts(ctx context.Context, before stack.Metrics, sent float64) error {
	var compensated, answered, called float64
	err := stack.Await(ctx, 30*time.Second, func() (bool, error) {
		now, err := w.wakeAndRead(ctx)
		since := func(name string, labels ...string) float64 {
			return now.Total(name, labels...) - before.Total(name, labels...)
		}
		compensated = since(metric.SagaCompleted, `outcome="compensated"`)
		answered = since(metric.HTTPRequests, `status="503"`, `route="/invoices"`)
		called = sent - since(metric.ReservationFailures, `reason="breaker_open"`)
		return compensated == called && answered == sent, err
	})
	w.check(answered == sent, "/metrics: %g requests got a 503 (%g were sent)", answered, sent)
	w.check(called < sent && compensated == called,
		"/metrics: %g called the inventory, and all %g are compensated; the breaker refused the others", called, compensated)
	return err
}

// closesAgain allows the inventory's function and sends requests until the breaker closes.
func (w *walk) closesAgain(ctx context.Context, opened time.Time) error {
	if err := w.Allow(ctx, true, reserve); err != nil {
		return err
	}
	w.check(w.awaitSale(ctx) == nil,
		"with the inventory back, a request gets a 201, %s after the breaker opened", since(opened))
	w.check(w.awaitBreaker(ctx, closed) == nil, "/metrics: the breaker has closed by itself")
	return nil
}

func since(began time.Time) time.Duration { return time.Since(began).Round(100 * time.Millisecond) }

func (w *walk) awaitBreaker(ctx context.Context, state float64) error {
	return stack.Await(ctx, time.Minute, func() (bool, error) {
		m, err := w.wakeAndRead(ctx)
		got, there := m[metric.BreakerState+`{dependency="inventory"}`]
		return there && got == state, err
	})
}

// health sends n requests that cost the functions nothing, one after the other.
func (w *walk) health(ctx context.Context, n int) (replies []client.Reply, err error) {
	for range n {
		r, err := w.Call(ctx, http.MethodGet, "/health", nil)
		if err != nil {
			return nil, err
		}
		replies = append(replies, r)
	}
	return replies, nil
}

// median sorts replies by the time they took, and returns the one in the middle.
func median(replies []client.Reply) client.Reply {
	slices.SortFunc(replies, func(a, b client.Reply) int { return cmp.Compare(a.Took, b.Took) })
	return replies[len(replies)/2]
}

// awaitSale sends requests until one succeeds.
func (w *walk) awaitSale(ctx context.Context) error {
	return stack.Await(ctx, time.Minute, func() (bool, error) {
		r, err := w.sales(ctx, 1, 1)
		return err == nil && r[0].Status == 201, err
	})
}

// sales sends n requests that need stock, each with a new key.
func (w *walk) sales(ctx context.Context, n, concurrency int) ([]client.Reply, error) {
	replies, errs := make([]client.Reply, n), make([]error, n)
	slots := make(chan struct{}, concurrency)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			replies[i], errs[i] = w.Create(ctx, client.NewKey(), sale())
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return replies, nil
}
