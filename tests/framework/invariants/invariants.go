// Package invariants compares the responses of a load run with what the tables and the
// bus hold afterwards.
package invariants

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/invochain/invochain/shared/gst/money"
)

// Snapshot is what the tables and the bus hold for one run.
type Snapshot struct {
	SagaOf      map[string]string // saga ids by invoice id
	Numbers     map[string]int    // number of invoices by invoice number
	States      map[string]string // states of the invoices' sagas by saga id
	Entries     map[string]int    // number of audit entries by saga id
	Published   map[string]int    // deliveries of the invoice.created event by saga id
	IDs         map[string]bool   // ids of these events
	Sold        money.Quantity
	Unbalanced  []string // SKUs whose quantities do not add up to the stock at the start
	DeadLetters int      // messages in all dead letter queues
}

// Issued identifies an invoice that a caller received with a 201.
type Issued struct {
	Merchant string `json:"merchant"`
	ID       string `json:"id"`
	SagaID   string `json:"saga_id"`
}

// unit is one unit of stock in thousandths.
const unit = 1000

var errBroken = errors.New("an invariant is broken")

// Check records one invariant, which holds if the number of violations is 0.
type Check func(violations int, format string, args ...any)

// Balance reads a snapshot, runs the caller's checks on it and then Verify, and prints a
// line per invariant. It returns an error if one is broken.
func (f *Fixture) Balance(ctx context.Context, first func(s *Snapshot, check Check)) error {
	s, err := f.Read(ctx)
	if err != nil {
		return err
	}
	failed := 0
	check := func(violations int, format string, args ...any) {
		verdict := "PASS"
		if violations != 0 {
			verdict = fmt.Sprintf("FAIL (%d)", violations)
			failed++
		}
		fmt.Printf("  %s  %s\n", verdict, fmt.Sprintf(format, args...))
	}
	first(s, check)
	s.Verify(check)
	if failed > 0 {
		return errBroken
	}
	return nil
}

// Verify checks that the tables and the bus agree with each other.
func (s *Snapshot) Verify(check Check) {
	n := len(s.SagaOf)
	check(n-len(s.Numbers), "%d invoices, each with its own number", n)
	check(n-countOf(s.States, "COMPLETED"), "every saga is COMPLETED")
	check(n-len(s.Entries)+extraEntries(s.Entries, s.SagaOf), "each invoice has exactly one audit entry")
	check(s.unpublished(), "each invoice has exactly one event id on the bus (%d deliveries)", sum(s.Published))
	check(len(s.Unbalanced)+oneIf(s.soldDiffers(n)),
		"stock is conserved: %d sold, none reserved%s", s.Sold/unit, suffix(s.soldDiffers(n)))
	check(s.DeadLetters, "the dead letter queues are empty")
}

// Missing counts the issued invoices that the tables do not hold.
func (s *Snapshot) Missing(issued []Issued) int {
	missing, left := 0, maps.Clone(s.SagaOf)
	for _, i := range issued {
		if left[i.ID] != i.SagaID {
			missing++
		}
		delete(left, i.ID)
	}
	return missing
}

// unpublished counts invoices without an event, and event ids beyond one per invoice.
func (s *Snapshot) unpublished() int {
	wrong := len(s.IDs) - len(s.Published)
	for _, saga := range s.SagaOf {
		if s.Published[saga] == 0 {
			wrong++
		}
	}
	return wrong
}

// soldDiffers returns an error if the stock sold is not the stock invoiced.
func (s *Snapshot) soldDiffers(invoices int) error {
	if want := money.Quantity(invoices) * unit; s.Sold != want {
		return fmt.Errorf("%d thousandths sold, %d invoiced; unbalanced SKUs: %v", s.Sold, want, s.Unbalanced)
	}
	return nil
}

// extraEntries counts audit entries beyond one per invoice.
func extraEntries(entries map[string]int, sagaOf map[string]string) int {
	known := map[string]bool{}
	for _, saga := range sagaOf {
		known[saga] = true
	}
	extra := 0
	for saga, n := range entries {
		if !known[saga] {
			extra++
		}
		extra += n - 1
	}
	return extra
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
