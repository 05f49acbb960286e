package history

import (
	"fmt"
	"net/http"

	"github.com/anishathalye/porcupine"
)

// Statuses of an invoice.
const (
	issued    = "ISSUED"
	cancelled = "CANCELLED"
)

// invoiceState is the state of an invoice's model.
type invoiceState struct {
	held string // key of the cancellation that holds the invoice
	void bool   // a client has read it, or the cancellation's saga, as done
}

// statuses returns a partition per invoice with its cancellations and the reads of its status and
// of their sagas.
func statuses(ops []Op) []partition {
	sagas := map[string]string{} // invoices by the sagas of their cancellations
	for _, op := range ops {
		if op.Kind == Cancel && op.succeeded() {
			sagas[op.Outcome.SagaID] = op.Target
		}
	}
	byInvoice := newGroups()
	for _, op := range ops {
		switch {
		case op.Kind == Cancel:
			byInvoice.add("status "+op.Target, op)
		case op.Kind == Saga && sagas[op.Target] != "" && op.past():
			byInvoice.add("status "+sagas[op.Target], op)
		case (op.Kind == Read || op.Kind == Find) && op.Outcome.Status == http.StatusOK && op.Outcome.Invoice != "":
			byInvoice.add("status "+op.Outcome.Invoice, op)
		}
	}
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{invoiceState{}} },
		Step: func(state, input, _ any) []any {
			e, _ := input.(event)
			s, _ := state.(invoiceState)
			return s.after(e.op)
		},
		DescribeOperation: describe,
		DescribeState: func(state any) string {
			s, _ := state.(invoiceState)
			return fmt.Sprintf("held by %q, read as done: %t", s.held, s.void)
		},
	}
	return byInvoice.partitions(model.ToModel(), openEvents)
}

// after returns the states that may follow a cancellation or a read.
func (s invoiceState) after(op Op) []any {
	switch op.Kind {
	case Saga:
		s.void = true
		return only(s, s.held != "")
	case Read, Find:
		legal := op.Outcome.State == cancelled && s.held != "" || op.Outcome.State == issued && !s.void
		s.void = op.Outcome.State == cancelled
		return only(s, legal)
	}
	mine := invoiceState{held: op.Key}
	switch op.verdict() {
	case unknown:
		if s.held == "" {
			return []any{s, mine}
		}
		return []any{s}
	case fresh:
		return only(mine, s.held == "")
	case replayed:
		return only(s, s.held == op.Key)
	case tooLate:
		return only(s, s.held != "" && s.held != op.Key)
	default:
		return []any{s}
	}
}

// checkCancelled looks in the lists for invoices that are cancelled although no client did it.
func (h History) checkCancelled(add func([]Op, string, ...any)) {
	may := map[string]bool{}
	for _, op := range h.Ops {
		switch op.verdict() {
		case fresh, replayed, unknown:
			may[op.Target] = may[op.Target] || op.Kind == Cancel
		default:
		}
	}
	for _, l := range h.Invoices {
		if l.Status == cancelled && !may[l.ID] {
			add(nil, "P14: invoice %s is cancelled, and no client has cancelled it", l.ID)
		}
	}
}
