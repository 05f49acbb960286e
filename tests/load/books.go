package main

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/invochain/invochain/shared/domain"
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
