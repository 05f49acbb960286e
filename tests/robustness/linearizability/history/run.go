package history

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/registration"
)

// Config configures a run.
type Config struct {
	// NewMerchant creates a merchant, and returns a client that acts as it.
	NewMerchant func(ctx context.Context, id, gstin, compliance string) (*client.Client, error)

	Clients int           // number of concurrent clients
	Ops     int           // number of operations
	Rate    float64       // maximum number of operations started per second
	Seed    uint64        // of the plan
	Timeout time.Duration // of a request
	Tight   float64       // share of writes with a timeout of some milliseconds
	Settle  time.Duration // how long to wait for work in flight at the end
}

// History is the record of a run.
type History struct {
	Seed     uint64            `json:"seed"`
	Ops      []Op              `json:"ops"`
	Invoices []Listed          `json:"invoices"`         // all merchants' lists at the end
	Sagas    map[string]string `json:"sagas"`            // last known states by id
	Unrest   string            `json:"unrest,omitempty"` // why the system did not settle
}

// Listed is an invoice in a merchant's list.
type Listed struct {
	Merchant string `json:"merchant"`
	ID       string `json:"id"`
	Number   string `json:"number"`
	Status   string `json:"status"`
	Payload  string `json:"payload"`
}

// runner is a run in progress.
type runner struct {
	Config
	*recorder
	plan *planner

	mu       sync.Mutex
	ops      []Op
	invoices map[int]string    // ids by index of the create in the plan, as clients learned them
	sagas    map[string]string // ids by key, as clients learned them
}

// Run creates merchants, runs the clients, retries all requests whose outcome is unknown,
// and waits until nothing is in flight. It returns an error if it could not run; Check
// finds what is wrong with the answers.
func Run(ctx context.Context, cfg Config) (History, error) {
	r := &runner{
		Config: cfg, recorder: newRecorder(cfg.Timeout), invoices: map[int]string{}, sagas: map[string]string{},
	}
	r.plan = newPlanner(cfg.Seed, strings.ToLower(rand.Text()[:8]), cfg.Tight)
	if err := r.seed(ctx); err != nil {
		return History{}, err
	}
	r.clients(ctx, r.plan.plan(cfg.Ops))
	r.retryUnknown(ctx)
	h := History{Seed: cfg.Seed, Sagas: map[string]string{}}
	if err := r.settle(ctx, &h); err != nil {
		h.Unrest = err.Error()
	}
	h.Ops = r.ops
	slices.SortStableFunc(h.Ops, func(a, b Op) int { return int(a.Call - b.Call) })
	return h, ctx.Err()
}

func (r *runner) seed(ctx context.Context) error {
	for _, s := range r.plan.sellers {
		c, err := r.NewMerchant(ctx, s.merchant, registration.GSTIN("27", s.merchant), "advise")
		if err != nil {
			return err
		}
		r.add(s.merchant, c)
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

// clients runs the plan's operations in order; each client runs one at a time.
func (r *runner) clients(ctx context.Context, plan []Op) {
	next := make(chan Op)
	var wg sync.WaitGroup
	for n := range r.Clients {
		wg.Go(func() {
			for op := range next {
				op = r.resolve(op)
				op.Client = n
				r.record(r.do(ctx, op))
			}
		})
	}
	pace := time.NewTicker(time.Duration(float64(time.Second) / r.Rate))
	defer pace.Stop()
	for _, op := range plan {
		select {
		case next <- op:
		case <-ctx.Done():
		}
		<-pace.C
	}
	close(next)
	wg.Wait()
}

// resolve sets the id to cancel or read if a client knows it. Otherwise it returns a read of the
// invoice's number or of a SKU.
func (r *runner) resolve(op Op) Op {
	r.mu.Lock()
	invoice, saga := r.invoices[op.of], r.sagas[op.Key]
	r.mu.Unlock()
	switch {
	case op.Kind == Create || op.Kind == Stock || op.Kind == Count:
		return op
	case (op.Kind == Read || op.Kind == Cancel) && invoice != "":
		op.Target = invoice
		return op
	case op.Kind == Saga && saga != "":
		op.Target = saga
		return op
	}
	if op = r.plan.requests[op.of]; op.Number != "" {
		op.Kind = Find
		return op
	}
	s := r.plan.sellers[0]
	return Op{Kind: Stock, Merchant: s.merchant, SKU: s.skus[0]}
}

func (r *runner) record(op Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op)
	if !op.succeeded() {
		return
	}
	r.sagas[op.Key] = op.Outcome.SagaID
	if op.Kind == Create {
		r.invoices[op.of] = op.Outcome.Invoice
	}
}
