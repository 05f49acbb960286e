package history

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// pollInterval is the pause between two polls.
const pollInterval = 200 * time.Millisecond

// settle waits until every known saga has ended and nothing is reserved, and then records
// the merchants' lists and the stock of each SKU.
func (r *runner) settle(ctx context.Context, h *History) error {
	deadline := time.Now().Add(r.Settle)
	for {
		err := r.readFinal(ctx, h)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		pause(ctx, pollInterval)
	}
}

// readFinal reads the final state, and returns an error if something is still in flight.
func (r *runner) readFinal(ctx context.Context, h *History) error {
	if err := r.sagasEnded(ctx, h); err != nil {
		return err
	}
	before, err := r.lists(ctx)
	if err != nil {
		return err
	}
	levels, err := r.levels(ctx)
	if err != nil {
		return err
	}
	if h.Invoices, err = r.lists(ctx); err != nil {
		return err
	}
	if !slices.Equal(before, h.Invoices) || len(before) < r.issued() {
		return fmt.Errorf("the lists still change: %d invoices, then %d, and %d answers",
			len(before), len(h.Invoices), r.issued())
	}
	if err := r.allCancelled(h.Invoices); err != nil {
		return err
	}
	for _, op := range levels {
		r.record(op)
	}
	return nil
}

// allCancelled returns an error if a list shows an invoice as issued whose cancellation was accepted.
func (r *runner) allCancelled(lists []Listed) error {
	status := map[string]string{}
	for _, l := range lists {
		status[l.ID] = l.Status
	}
	for _, op := range r.ops {
		if op.Kind == Cancel && op.succeeded() && status[op.Target] != cancelled {
			return fmt.Errorf("invoice %s is %s in the list, and its cancellation was accepted", op.Target, status[op.Target])
		}
	}
	return nil
}

func (r *runner) sagasEnded(ctx context.Context, h *History) error {
	for _, op := range r.ops {
		id := op.Outcome.SagaID
		if id == "" || ended(h.Sagas[id]) {
			continue
		}
		seen := r.do(ctx, Op{Kind: Saga, Merchant: op.Merchant, Target: id})
		if h.Sagas[id] = seen.Outcome.State; !ended(h.Sagas[id]) {
			return fmt.Errorf("saga %s has not ended: %s", id, seen.Outcome)
		}
	}
	return nil
}

func ended(state string) bool {
	return state == "COMPLETED" || state == "ABORTED" || state == "COMPENSATED"
}

// issued counts the invoices that clients received.
func (r *runner) issued() int {
	ids := map[string]bool{}
	for _, op := range r.ops {
		if op.Kind == Create && op.Outcome.Status == http.StatusCreated {
			ids[op.Outcome.Invoice] = true
		}
	}
	return len(ids)
}

var errReserved = errors.New("stock is still reserved")

// levels reads the stock of each SKU.
func (r *runner) levels(ctx context.Context) ([]Op, error) {
	var levels []Op
	for _, s := range r.plan.sellers {
		for _, sku := range s.skus {
			op := r.do(ctx, Op{Kind: Settle, Merchant: s.merchant, SKU: sku})
			if !op.answered() {
				return nil, fmt.Errorf("read the stock: %s", op)
			}
			if op.Outcome.Reserved != 0 {
				return nil, fmt.Errorf("%w: %s", errReserved, op)
			}
			levels = append(levels, op)
		}
	}
	return levels, nil
}

// lists returns the invoices of all merchants in the API's order.
func (r *runner) lists(ctx context.Context) ([]Listed, error) {
	var all []Listed
	for _, s := range r.plan.sellers {
		q := url.Values{"merchant_id": {s.merchant}, "limit": {"100"}}
		for more := true; more; {
			var page struct {
				Invoices []struct {
					ID     string `json:"id"`
					Number string `json:"invoice_number"`
					Status string `json:"status"`
					Buyer  string `json:"buyer_name"`
				} `json:"invoices"`
				Next string `json:"next_cursor"`
			}
			if err := r.get(ctx, s.merchant, "/invoices?"+q.Encode(), &page); err != nil {
				return nil, err
			}
			for _, inv := range page.Invoices {
				all = append(all, Listed{
					Merchant: s.merchant, ID: inv.ID, Number: inv.Number, Status: inv.Status, Payload: inv.Buyer,
				})
			}
			q.Set("cursor", page.Next)
			more = page.Next != ""
		}
	}
	return all, nil
}
