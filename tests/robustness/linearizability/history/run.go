package history

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config of a run.
type Config struct {
	URL     string        // of the API, without a slash at its end
	Clients int           // at once
	Ops     int           // in all
	Rate    float64       // operations begun a second, at most
	Seed    uint64        // of what is asked, and of which requests meet
	Timeout time.Duration // of a request
	Tight   float64       // share of writes that a client gives up after some milliseconds
	Settle  time.Duration // how long the end of what is on its way is waited for
}

// History is all that a run has seen.
type History struct {
	Seed     uint64            `json:"seed"`
	Ops      []Op              `json:"ops"`
	Invoices []Listed          `json:"invoices"` // of all merchants, at the end
	Sagas    map[string]string `json:"sagas"`    // their last state, by id
	Unrest   string            `json:"unrest,omitempty"`
}

// Listed is an invoice of a merchant's list.
type Listed struct {
	Merchant string `json:"merchant"`
	ID       string `json:"id"`
	Number   string `json:"number"`
	Payload  string `json:"payload"`
}

// runner is a run on its way.
type runner struct {
	Config
	*client
	plan *planner

	mu   sync.Mutex
	ops  []Op
	made map[int]Outcome // what is known of a request's invoice
}

// Run seeds merchants of its own, has the clients ask, asks again for all that they
// were left in doubt of, and waits until nothing is on its way. An error means that
// the run could not be made; what is wrong with its answers is Check's to say.
func Run(ctx context.Context, cfg Config) (History, error) {
	r := &runner{Config: cfg, client: newClient(cfg.URL, cfg.Timeout), made: map[int]Outcome{}}
	r.plan = newPlanner(cfg.Seed, strings.ToLower(rand.Text()[:8]), cfg.Tight)
	if err := r.seed(ctx); err != nil {
		return History{}, err
	}
	r.clients(ctx, r.plan.plan(cfg.Ops))
	r.askAgain(ctx)
	h := History{Seed: cfg.Seed, Sagas: map[string]string{}}
	if err := r.settle(ctx, &h); err != nil {
		h.Unrest = err.Error()
	}
	h.Ops = r.ops
	slices.SortStableFunc(h.Ops, func(a, b Op) int { return int(a.Call - b.Call) })
	return h, ctx.Err()
}

func (r *runner) seed(ctx context.Context) error {
	for _, s := range r.plan.shops {
		profile := map[string]any{"name": "Verify Traders", "gstin": "27AABCU9603R1ZN", "compliance": "advise"}
		if err := r.must(ctx, http.MethodPut, "/merchants/"+s.merchant, profile, nil); err != nil {
			return err
		}
		for _, sku := range s.skus {
			op := r.do(ctx, Op{Kind: Count, Merchant: s.merchant, SKU: sku, Quantity: firstStock})
			if !op.answered() {
				return fmt.Errorf("seed the stock: %s", op)
			}
			r.record(op)
		}
	}
	return nil
}

// clients do the plan's operations in its order, each client one at a time.
func (r *runner) clients(ctx context.Context, plan []Op) {
	turns := make(chan Op)
	var wg sync.WaitGroup
	for n := range r.Clients {
		wg.Go(func() {
			for op := range turns {
				op.Client = n
				r.record(r.do(ctx, r.aimed(op)))
			}
		})
	}
	pace := time.NewTicker(time.Duration(float64(time.Second) / r.Rate))
	defer pace.Stop()
	for _, op := range plan {
		select {
		case turns <- op:
		case <-ctx.Done():
		}
		<-pace.C
	}
	close(turns)
	wg.Wait()
}

// aimed says which invoice or saga is to be read, as far as anybody was told of one.
func (r *runner) aimed(op Op) Op {
	r.mu.Lock()
	known := r.made[op.of]
	r.mu.Unlock()
	switch {
	case op.Kind == Read && known.Invoice != "":
		op.Target = known.Invoice
	case op.Kind == Saga && known.SagaID != "":
		op.Target = known.SagaID
	case (op.Kind == Read || op.Kind == Saga || op.Kind == Find) && op.Number != "":
		op.Kind = Find
	case op.Kind == Read || op.Kind == Saga || op.Kind == Find:
		op.Kind, op.SKU = Stock, r.plan.shops[0].skus[0]
		op.Merchant = r.plan.shops[0].merchant
	}
	return op
}

func (r *runner) record(op Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op)
	if op.Kind == Create && op.Outcome.Status == http.StatusCreated {
		r.made[op.of] = op.Outcome
	}
}

// askAgain is what a client does that was left in doubt: the same request under the
// same key, until the answer is a definite one.
func (r *runner) askAgain(ctx context.Context) {
	deadline := time.Now().Add(r.Settle)
	for _, op := range doubtful(r.ops) {
		for time.Now().Before(deadline) && ctx.Err() == nil {
			op.Patience = 0
			op = r.do(ctx, op)
			r.record(op)
			if v := op.verdict(); v != unknown && v != busy {
				break
			}
			pause(ctx, lookAgain)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// doubtful are the requests, one of each key and payload, that were never answered
// for good though somebody gave them up.
func doubtful(ops []Op) []Op {
	open, closed := map[string]Op{}, map[string]bool{}
	name := func(op Op) string { return op.Key + " " + op.Payload }
	for _, op := range ops {
		if op.Kind != Create {
			continue
		}
		switch op.verdict() {
		case unknown, busy:
			open[name(op)] = op
		case fresh, replayed:
			closed[name(op)] = true
		default:
		}
	}
	var left []Op
	for n, op := range open {
		if !closed[n] {
			left = append(left, op)
		}
	}
	slices.SortFunc(left, func(a, b Op) int { return int(a.Call - b.Call) })
	return left
}
