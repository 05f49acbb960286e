package invariants

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Sizes of a run. Invoices contend for one audit chain per merchant and one stock item
// per SKU.
const (
	Merchants = 20
	SKUs      = 10
	onHand    = 1_000_000 // units of each SKU
)

// Fixture is a run's own merchants and stock, and its events from the bus.
type Fixture struct {
	*stack.Stack
	Name   string
	events *follower
}

// Setup creates the merchants and their stock and warms the stack: clients send requests
// each, so that processes have started and the emulator's bytecode is compiled.
func Setup(ctx context.Context, s *stack.Stack, clients, requests int) (*Fixture, error) {
	f := &Fixture{Stack: s, Name: fmt.Sprintf("load-%x", time.Now().UnixMilli())}
	if _, err := f.Drained(ctx); err != nil {
		return nil, fmt.Errorf("wait for the work of an earlier run: %w", err)
	}
	for m := range Merchants {
		if err := f.createMerchant(ctx, f.Merchant(m)); err != nil {
			return nil, err
		}
	}
	if err := f.warm(ctx, clients, requests); err != nil {
		return nil, err
	}
	tap, err := s.Tap(ctx, events.InvoiceCreated)
	if err != nil {
		return nil, err
	}
	f.events = follow(ctx, tap, f.Ours)
	return f, nil
}

// createMerchant creates a merchant with stock of every SKU.
func (f *Fixture) createMerchant(ctx context.Context, id string) error {
	c, err := f.NewMerchant(ctx, id, registration.GSTIN("27", id), "advise")
	if err != nil {
		return err
	}
	for n := range SKUs {
		if err := c.Put(ctx, "/inventory/"+SKU(n), map[string]any{"merchant_id": id, "on_hand": onHand}); err != nil {
			return err
		}
	}
	return nil
}

// Close stops reading events.
func (f *Fixture) Close(ctx context.Context) { f.events.close(ctx) }

// Merchant returns the id of merchant n modulo Merchants.
func (f *Fixture) Merchant(n int) string { return fmt.Sprintf("%s-%d", f.Name, n%Merchants) }

// Ours reports whether a merchant belongs to the run and is not the one that warms the stack.
func (f *Fixture) Ours(merchant string) bool {
	return strings.HasPrefix(merchant, f.Name+"-") && merchant != f.warmUpMerchant()
}

func (f *Fixture) warmUpMerchant() string { return f.Name + "-warm" }

// SKU returns the name of SKU n modulo SKUs.
func SKU(n int) string { return fmt.Sprintf("L-%d", n%SKUs) }

// Request is the body of a request for an invoice with one line of SKU n. number must be
// unique within the run.
func (f *Fixture) Request(merchant string, number, n int) []byte {
	return fmt.Appendf(nil, `{"invoice_number":"L-%d","seller_merchant_id":%q,`+
		`"buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26",`+
		`"items":[{"sku":%q,"description":"Steel bottle","hsn":"732393","quantity":1,`+
		`"unit":"NOS","unit_price":"250.00","gst_rate":18}]}`,
		number, merchant, SKU(n))
}

// warm sends requests for a merchant that no snapshot includes, and waits until the
// queues are empty.
func (f *Fixture) warm(ctx context.Context, clients, requests int) error {
	merchant := f.warmUpMerchant()
	if err := f.createMerchant(ctx, merchant); err != nil {
		return err
	}
	c, err := f.As(ctx, merchant)
	if err != nil {
		return err
	}
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for n := range requests {
				number := n*clients + i
				errs[i] = errors.Join(errs[i], issue(ctx, c, f.Request(merchant, number, number)))
			}
		})
	}
	wg.Wait()
	_, err = f.Drained(ctx)
	return errors.Join(errors.Join(errs...), err)
}

// issue issues an invoice. It has many attempts, since a cold stack may time out.
func issue(ctx context.Context, c *client.Client, body []byte) error {
	r, err := c.Issue(ctx, client.NewKey(), body, 20)
	if err == nil && r.Status != http.StatusCreated {
		err = fmt.Errorf("warm-up request: %d %s", r.Status, r.Body)
	}
	return err
}

// Drained waits until the queues are empty and every saga has ended, and returns how long
// that took. It polls twice a second, to leave the emulator to the work itself.
func (f *Fixture) Drained(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < 5*time.Minute {
		waiting, err := f.Backlog(ctx)
		if err == nil && waiting == 0 {
			waiting, err = f.unfinished(ctx)
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
	return 0, errors.New("queues are not empty or sagas have not ended after 5 minutes")
}
