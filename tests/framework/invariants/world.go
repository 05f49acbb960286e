package invariants

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Sizes of a run: merchants have a chain each, SKUs a counter each, which invoices
// contend for.
const (
	Merchants = 20
	SKUs      = 10
	onHand    = 1_000_000 // of each SKU
)

// World is what a run works on: merchants of its own, and what comes from the bus.
type World struct {
	*stack.Stack
	Name   string
	events *follower
}

// Begin makes the merchants and their stock, and has the functions started and what is
// interpreted at first compiled, by so many clients with so many requests each.
func Begin(ctx context.Context, s *stack.Stack, clients, requests int) (*World, error) {
	w := &World{Stack: s, Name: fmt.Sprintf("load-%x", time.Now().UnixMilli())}
	if _, err := w.Drained(ctx); err != nil {
		return nil, fmt.Errorf("what is left of another run: %w", err)
	}
	for m := range Merchants {
		if err := w.Put(ctx, "/merchants/"+w.Merchant(m), map[string]any{"name": "Load", "gstin": "27AABCU9603R1ZN", "compliance": "advise"}); err != nil {
			return nil, err
		}
		for n := range SKUs {
			if err := w.Put(ctx, "/inventory/"+SKU(n), map[string]any{"merchant_id": w.Merchant(m), "on_hand": onHand}); err != nil {
				return nil, err
			}
		}
	}
	if err := w.warm(ctx, clients, requests); err != nil {
		return nil, err
	}
	tap, err := s.Tap(ctx, events.InvoiceCreated)
	if err != nil {
		return nil, err
	}
	w.events = follow(ctx, tap, w.Ours)
	return w, nil
}

// Close ends the reading of events.
func (w *World) Close(ctx context.Context) { w.events.close(ctx) }

// Merchant is the nth, counted round.
func (w *World) Merchant(n int) string { return fmt.Sprintf("%s-%d", w.Name, n%Merchants) }

// Ours tells whether a merchant is one of those that the books look at.
func (w *World) Ours(merchant string) bool {
	return strings.HasPrefix(merchant, w.Name+"-") && merchant != w.warmer()
}

func (w *World) warmer() string { return w.Name + "-warm" }

// SKU is the nth, counted round.
func SKU(n int) string { return fmt.Sprintf("L-%d", n%SKUs) }

// Request asks for an invoice of one line with a SKU; number is unique in the run.
func (w *World) Request(merchant string, number, n int) []byte {
	return fmt.Appendf(nil, `{"invoice_number":"L-%d","seller_merchant_id":%q,"buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26",`+
		`"items":[{"sku":%q,"description":"Steel bottle","hsn":"732393","quantity":1,"unit":"NOS","unit_price":"250.00","gst_rate":18}]}`,
		number, merchant, SKU(n))
}

// warm sends requests for a merchant that the books do not look at, and waits until
// what they left in the queues is done.
func (w *World) warm(ctx context.Context, clients, requests int) error {
	merchant := w.warmer()
	if err := w.Put(ctx, "/merchants/"+merchant, map[string]any{"name": "Warm", "gstin": "27AABCU9603R1ZN", "compliance": "advise"}); err != nil {
		return err
	}
	for n := range SKUs {
		if err := w.Put(ctx, "/inventory/"+SKU(n), map[string]any{"merchant_id": merchant, "on_hand": onHand}); err != nil {
			return err
		}
	}
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for n := range requests {
				number := n*clients + i
				errs[i] = errors.Join(errs[i], w.insist(ctx, w.Request(merchant, number, number)))
			}
		})
	}
	wg.Wait()
	_, err := w.Drained(ctx)
	return errors.Join(errors.Join(errs...), err)
}

// insist sends a request until it has its 201: what is cold may be slow.
func (w *World) insist(ctx context.Context, body []byte) error {
	key := stack.NewKey()
	return stack.Await(ctx, 2*time.Minute, func() (bool, error) {
		r, err := w.Create(ctx, key, body)
		if err == nil && r.Status != 201 {
			err = fmt.Errorf("a warming request was answered %d %s", r.Status, r.Body)
		}
		return err == nil, err
	})
}

// Drained waits until the queues are empty and every saga has ended, and tells how
// long that took. It looks every half second: who is asked is who works.
func (w *World) Drained(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < 5*time.Minute {
		waiting, err := w.Backlog(ctx)
		if err == nil && waiting == 0 {
			waiting, err = w.owed(ctx)
		}
		if err != nil || waiting == 0 {
			return time.Since(began), err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
	return 0, errors.New("after 5 minutes there is still something in the queues, or a saga that has not ended")
}
