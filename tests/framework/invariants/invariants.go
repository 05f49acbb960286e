// Package invariants compares the answers that a run of load received with what the
// tables and the bus hold afterwards.
package invariants

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/invochain/invochain/shared/gst/money"
)

// Books are what the tables and the bus say of one run.
type Books struct {
	SagaOf    map[string]string // of an invoice, by its id
	Numbers   map[string]int    // how many invoices have one
	States    map[string]string // of the invoices' sagas, by saga
	Entries   map[string]int    // of the audit, by saga
	Chains    error
	Published map[string]int  // deliveries of its event, by saga
	IDs       map[string]bool // of events
	Sold      money.Quantity
	Astray    []string // SKUs whose books do not add up
	Dead      int      // letters in all dead letter queues
}

// Issued is what a caller was told with a 201.
type Issued struct {
	Merchant string `json:"merchant"`
	ID       string `json:"id"`
	SagaID   string `json:"saga_id"`
}

// unit of stock in the books' thousandths.
const unit = 1000

var errBooks = errors.New("the books do not balance")

// Check takes down whether a promise holds: for 0 things that are wrong.
type Check func(wrong int, format string, args ...any)

// Balance holds the books against each other, and first against what the door knows,
// and prints a line for each promise.
func (w *World) Balance(ctx context.Context, first func(b *Books, check Check)) error {
	b, err := w.Read(ctx)
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
	b.Verify(check)
	if failed > 0 {
		return errBooks
	}
	return nil
}

// Verify holds the books against each other, a check for each promise.
func (b *Books) Verify(check Check) {
	n := len(b.SagaOf)
	check(n-len(b.Numbers), "%d invoices, each with a number of its own", n)
	check(n-countOf(b.States, "COMPLETED"), "each saga is COMPLETED")
	check(n-len(b.Entries)+strays(b.Entries, b.SagaOf), "each has one audit entry, and there is no other")
	check(oneIf(b.Chains), "the %d chains verify%s", Merchants, suffix(b.Chains))
	check(b.unpublished(), "each has its one event id on the bus (%d deliveries)", sum(b.Published))
	check(len(b.Astray)+oneIf(b.short(n)), "stock is conserved: %d sold, none reserved%s", b.Sold/unit, suffix(b.short(n)))
	check(b.Dead, "the dead letter queues are empty")
}

// Missing counts the answers that have no invoice of their own.
func (b *Books) Missing(told []Issued) int {
	wrong, left := 0, maps.Clone(b.SagaOf)
	for _, i := range told {
		if left[i.ID] != i.SagaID {
			wrong++
		}
		delete(left, i.ID)
	}
	return wrong
}

// unpublished counts invoices without an event, and event ids beyond one for each.
func (b *Books) unpublished() int {
	wrong := len(b.IDs) - len(b.Published)
	for _, saga := range b.SagaOf {
		if b.Published[saga] == 0 {
			wrong++
		}
	}
	return wrong
}

// short tells of stock that was sold without an invoice, or the other way round.
func (b *Books) short(invoices int) error {
	if want := money.Quantity(invoices) * unit; b.Sold != want {
		return fmt.Errorf("%d thousandths are sold, %d invoiced; astray: %v", b.Sold, want, b.Astray)
	}
	return nil
}

// strays counts audit entries beyond the one of each invoice.
func strays(entries map[string]int, SagaOf map[string]string) int {
	known := map[string]bool{}
	for _, saga := range SagaOf {
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
