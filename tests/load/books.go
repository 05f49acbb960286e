package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/tests/stack"
)

// books are what the tables and the bus say of one run.
type books struct {
	sagaOf    map[string]string // of an invoice, by its id
	numbers   map[string]int    // how many invoices have one
	states    map[string]string // by saga
	entries   map[string]int    // of the audit, by saga
	chains    error
	published map[string]int  // deliveries of its event, by saga
	ids       map[string]bool // of events
	sold      domain.Quantity
	astray    []string // SKUs whose books do not add up
	dead      int      // letters in all dead letter queues
}

// unit of stock in the books' thousandths.
const unit = 1000

var errBooks = errors.New("the books do not balance")

// check prints whether a promise holds: for 0 things that are wrong.
type check func(wrong int, format string, args ...any)

// audit holds the books against each other, and first against what the door knows,
// and prints a line for each promise.
func (w *world) audit(ctx context.Context, first func(b *books, check check)) error {
	b, err := w.read(ctx)
	if err != nil {
		return err
	}
	failed := 0
	check := func(wrong int, format string, args ...any) {
		verdict := "PASS"
		if wrong != 0 {
			verdict = fmt.Sprintf("FAIL (%d)", wrong)
			failed++
		}
		fmt.Printf("  %s  %s\n", verdict, fmt.Sprintf(format, args...))
	}
	first(b, check)
	n := len(b.sagaOf)
	check(n-len(b.numbers), "%d invoices, each with a number of its own", n)
	check(n-countOf(b.states, "COMPLETED"), "each saga is COMPLETED")
	check(n-len(b.entries)+strays(b.entries, b.sagaOf), "each has one audit entry, and there is no other")
	check(oneIf(b.chains), "the %d chains verify%s", merchants, suffix(b.chains))
	check(b.unpublished(), "each has its one event id on the bus (%d deliveries)", sum(b.published))
	check(len(b.astray)+oneIf(b.short(n)), "stock is conserved: %d sold, none reserved%s", b.sold/unit, suffix(b.short(n)))
	check(b.dead, "the dead letter queues are empty")
	if failed > 0 {
		return errBooks
	}
	return nil
}

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

// missing counts the answers that have no invoice of their own.
func (b *books) missing(told []issued) int {
	wrong, left := 0, maps.Clone(b.sagaOf)
	for _, i := range told {
		if left[i.ID] != i.SagaID {
			wrong++
		}
		delete(left, i.ID)
	}
	return wrong
}

// unpublished counts invoices without an event, and event ids beyond one for each.
func (b *books) unpublished() int {
	wrong := len(b.ids) - len(b.published)
	for _, saga := range b.sagaOf {
		if b.published[saga] == 0 {
			wrong++
		}
	}
	return wrong
}

// short tells of stock that was sold without an invoice, or the other way round.
func (b *books) short(invoices int) error {
	if want := domain.Quantity(invoices) * unit; b.sold != want {
		return fmt.Errorf("%d thousandths are sold, %d invoiced; astray: %v", b.sold, want, b.astray)
	}
	return nil
}

// strays counts audit entries beyond the one of each invoice.
func strays(entries map[string]int, sagaOf map[string]string) int {
	known := map[string]bool{}
	for _, saga := range sagaOf {
		known[saga] = true
	}
	wrong := 0
	for saga, n := range entries {
		if !known[saga] {
			wrong++
		}
		wrong += n - 1
	}
	return wrong
}

func countOf(m map[string]string, value string) (n int) {
	for _, v := range m {
		if v == value {
			n++
		}
	}
	return n
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func oneIf(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

func suffix(err error) string {
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}
