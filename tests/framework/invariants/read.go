package invariants

import (
	"context"
	"errors"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Read the books, once nothing is under way.
func (w *World) Read(ctx context.Context) (*Books, error) {
	b := &Books{
		SagaOf: map[string]string{}, Numbers: map[string]int{}, States: map[string]string{},
		Entries: map[string]int{},
	}
	for m := range Merchants {
		merchant := w.Merchant(m)
		if err := errors.Join(w.readInvoices(ctx, merchant, b), w.readChain(ctx, merchant, b), w.readStock(ctx, merchant, b)); err != nil {
			return nil, err
		}
	}
	letters, errLetters := w.Operator.DeadLetters(ctx)
	b.Dead = len(letters)
	errStates := w.readStates(ctx, b)
	var errEvents error
	b.Published, b.IDs, errEvents = w.events.all(ctx)
	return b, errors.Join(errLetters, errStates, errEvents)
}

// readChain checks a merchant's chain and notes its entries.
func (w *World) readChain(ctx context.Context, merchant string, b *Books) error {
	var seq int64
	hash := ""
	for {
		entries, err := w.Audit.List(ctx, merchant, seq, 500)
		if err != nil || len(entries) == 0 {
			return err
		}
		b.Chains = errors.Join(b.Chains, audit.Verify(entries, seq, hash))
		for _, e := range entries {
			b.Entries[e.SagaID]++
		}
		last := entries[len(entries)-1]
		seq, hash = last.Seq, last.Hash
	}
}

func (w *World) readStock(ctx context.Context, merchant string, b *Books) error {
	for n := range SKUs {
		l, err := w.settled(ctx, merchant, SKU(n))
		if err != nil {
			return err
		}
		b.Sold += l.Sold
		if l.Reserved != 0 || l.OnHand+l.Sold != onHand*unit {
			b.Astray = append(b.Astray, merchant+"/"+SKU(n))
		}
	}
	return nil
}

// settled reads a SKU's books once nothing is reserved any more: an event may still
// be between the bus and its queue when the saga has ended.
func (w *World) settled(ctx context.Context, merchant, sku string) (level inventory.Level, err error) {
	late := stack.Await(ctx, 30*time.Second, func() (bool, error) {
		level, err = w.Stock(ctx, merchant, sku)
		return level.Reserved == 0, err
	})
	if err == nil && late != nil {
		return level, nil // the books will say so
	}
	return level, err
}
