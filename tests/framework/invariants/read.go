package invariants

import (
	"context"
	"errors"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Read takes a snapshot of the tables and the bus. Call it when nothing is in flight.
func (f *Fixture) Read(ctx context.Context) (*Snapshot, error) {
	s := &Snapshot{
		SagaOf: map[string]string{}, Numbers: map[string]int{}, States: map[string]string{},
		Entries: map[string]int{},
	}
	for m := range Merchants {
		merchant := f.Merchant(m)
		err := errors.Join(
			f.readInvoices(ctx, merchant, s), f.readChain(ctx, merchant, s), f.readStock(ctx, merchant, s))
		if err != nil {
			return nil, err
		}
	}
	deadLetters, errDeadLetters := f.Operator.DeadLetters(ctx)
	s.DeadLetters = len(deadLetters)
	errStates := f.readStates(ctx, s)
	var errEvents error
	s.Published, s.IDs, errEvents = f.events.all(ctx)
	return s, errors.Join(errDeadLetters, errStates, errEvents)
}

// readChain verifies a merchant's audit chain and counts its entries by saga.
func (f *Fixture) readChain(ctx context.Context, merchant string, s *Snapshot) error {
	var seq int64
	hash := ""
	for {
		entries, err := f.Audit.List(ctx, merchant, seq, 500)
		if err != nil || len(entries) == 0 {
			return err
		}
		s.Chains = errors.Join(s.Chains, audit.Verify(entries, seq, hash))
		for _, e := range entries {
			s.Entries[e.SagaID]++
		}
		last := entries[len(entries)-1]
		seq, hash = last.Seq, last.Hash
	}
}

func (f *Fixture) readStock(ctx context.Context, merchant string, s *Snapshot) error {
	for n := range SKUs {
		l, err := f.settledStock(ctx, merchant, SKU(n))
		if err != nil {
			return err
		}
		s.Sold += l.Sold
		if l.Reserved != 0 || l.OnHand+l.Sold != onHand*unit {
			s.Unbalanced = append(s.Unbalanced, merchant+"/"+SKU(n))
		}
	}
	return nil
}

// settledStock reads a SKU's stock once nothing is reserved. When a saga ends, its event
// may still be between the bus and the queue. After a timeout it returns the level as it
// is: the reserved quantity then fails the check.
func (f *Fixture) settledStock(ctx context.Context, merchant, sku string) (level inventory.Level, err error) {
	timeout := stack.Await(ctx, 30*time.Second, func() (bool, error) {
		level, err = f.Stock(ctx, merchant, sku)
		return level.Reserved == 0, err
	})
	if err == nil && timeout != nil {
		return level, nil
	}
	return level, err
}
