package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/tests/stack"
)

func (w *world) read(ctx context.Context) (*books, error) {
	b := &books{
		sagaOf: map[string]string{}, numbers: map[string]int{}, states: map[string]string{},
		entries: map[string]int{}, published: map[string]int{}, ids: map[string]bool{},
	}
	for m := range merchants {
		merchant := w.merchant(m)
		if err := errors.Join(w.readInvoices(ctx, merchant, b), w.readChain(ctx, merchant, b), w.readStock(ctx, merchant, b)); err != nil {
			return nil, err
		}
	}
	letters, err := w.Operator.DeadLetters(ctx)
	b.dead = len(letters)
	return b, errors.Join(err, w.readStates(ctx, b), w.readEvents(ctx, b))
}

// readChain checks a merchant's chain and notes its entries.
func (w *world) readChain(ctx context.Context, merchant string, b *books) error {
	var seq int64
	hash := ""
	for {
		entries, err := w.Audit.List(ctx, merchant, seq, 500)
		if err != nil || len(entries) == 0 {
			return err
		}
		b.chains = errors.Join(b.chains, audit.Verify(entries, seq, hash))
		for _, e := range entries {
			b.entries[e.SagaID]++
		}
		last := entries[len(entries)-1]
		seq, hash = last.Seq, last.Hash
	}
}

func (w *world) readStock(ctx context.Context, merchant string, b *books) error {
	for n := range skus {
		l, err := w.settled(ctx, merchant, sku(n))
		if err != nil {
			return err
		}
		b.sold += l.Sold
		if l.Reserved != 0 || l.OnHand+l.Sold != onHand*unit {
			b.astray = append(b.astray, merchant+"/"+sku(n))
		}
	}
	return nil
}

// settled reads a SKU's books once nothing is reserved any more: an event may still
// be between the bus and its queue when the saga has ended.
func (w *world) settled(ctx context.Context, merchant, sku string) (level inventory.Level, err error) {
	late := stack.Await(ctx, 30*time.Second, func() (bool, error) {
		level, err = w.Stock(ctx, merchant, sku)
		return level.Reserved == 0, err
	})
	if err == nil && late != nil {
		return level, nil // the books will say so
	}
	return level, err
}

// readEvents empties the tap: until nothing has come for three seconds.
func (w *world) readEvents(ctx context.Context, b *books) error {
	for quiet := time.Now(); time.Since(quiet) < 3*time.Second; {
		next, err := w.tap.Next(ctx)
		if err != nil {
			return err
		}
		for _, e := range next {
			quiet = time.Now()
			if strings.HasPrefix(e.MerchantID, w.name+"-") && e.MerchantID != w.warmer() {
				b.published[e.SagaID]++
				b.ids[e.ID] = true
			}
		}
	}
	return nil
}
