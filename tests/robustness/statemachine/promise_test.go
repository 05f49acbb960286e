package statemachine_test

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst/money"
)

const (
	series = "S"
	scope  = merchantID + "#INV#2526#" // prefix of number keys
)

// broken lists the broken promises. It may be called at any time, whatever is in flight.
// counted is the last count of each SKU; before is the previous snapshot.
func (s snapshot) broken(before snapshot, counted map[string]money.Quantity) []string {
	var out []string
	out = append(out, s.stockBroken(counted)...)
	out = append(out, s.sagasBroken()...)
	out = append(out, s.numbersBroken()...)
	out = append(out, s.keysBroken()...)
	return append(out, s.changedWrongly(before)...)
}

// stockBroken checks P3, and that all reserved and sold stock belongs to a saga.
func (s snapshot) stockBroken(counted map[string]money.Quantity) []string {
	var out []string
	reserved, sold := map[string]money.Quantity{}, map[string]money.Quantity{}
	for _, b := range s.barriers {
		for sku, q := range b.Lines {
			switch b.State {
			case "RESERVED":
				reserved[sku] += q
			case "SOLD":
				sold[sku] += q
			}
			if b.Returns && b.State != "RELEASED" {
				sold[sku] -= q
			}
		}
	}
	for sku, l := range s.levels {
		if l.OnHand < 0 || l.Reserved < 0 || l.Sold < 0 || l.OnHand+l.Reserved+l.Sold != counted[sku] {
			out = append(out, fmt.Sprintf("P3: %s counted as %d is %+v", sku, counted[sku], l))
		}
		if l.Reserved != reserved[sku] || l.Sold != sold[sku] {
			out = append(out, fmt.Sprintf("P3: %s is %+v, but sagas have reserved %d and sold %d",
				sku, l, reserved[sku], sold[sku]))
		}
	}
	return out
}

// sagasBroken checks P5, and that every saga that has not ended is due for recovery (P4).
func (s snapshot) sagasBroken() []string {
	var out []string
	issued := map[string]string{}
	for id, inv := range s.invoices {
		issued[inv.SagaID] = id
	}
	for id, r := range s.sagas {
		state := s.barriers[id].State
		if r.Cancels {
			out = append(out, s.cancellationBroken(r)...)
		} else if isPartial(r, issued[id], state) {
			out = append(out, fmt.Sprintf("P5: saga %s is %s with invoice %q and barrier %q", id, r.State, issued[id], state))
		}
		if !r.State.Ended() && (r.Due == 0 || r.DueShard == "") {
			out = append(out, fmt.Sprintf("P4: saga %s is %s and not in the due index", id, r.State))
		}
	}
	for sagaID, id := range issued {
		if _, known := s.sagas[sagaID]; !known {
			out = append(out, fmt.Sprintf("P5: invoice %s has no saga", id))
		}
	}
	return out
}

// cancellationBroken checks P14: a cancellation holds its invoice, and has ended with the invoice
// cancelled and its goods back, or has done nothing.
func (s snapshot) cancellationBroken(r saga.Record) []string {
	inv, state := s.invoices[r.InvoiceID], s.barriers[r.SagaID].State
	holds := r.InvoiceID != "" && s.holds[r.InvoiceID] == r.SagaID
	voided := inv.Cancellation != nil && inv.Cancellation.SagaID == r.SagaID &&
		s.numbers[scope+inv.NumberKey()].Status == "VOID"
	returned := len(inv.StockLines()) == 0 || state == "RETURNED"
	switch r.State {
	case saga.Committed, saga.Completed:
		if holds && voided && returned {
			return nil
		}
	case saga.Cancelling, saga.Stuck:
		if holds {
			return nil
		}
	default:
		if !holds && !voided && state == "" {
			return nil
		}
	}
	return []string{fmt.Sprintf("P14: cancellation %s is %s: holds %t, voided %t, barrier %q",
		r.SagaID, r.State, holds, voided, state)}
}

// isPartial reports whether a saga's state contradicts its invoice and barrier.
func isPartial(r saga.Record, invoiceID, barrierState string) bool {
	switch r.State {
	case saga.Committed, saga.Completed:
		return invoiceID != r.InvoiceID || r.Reserves && barrierState != "RESERVED" && barrierState != "SOLD"
	case saga.Aborted, saga.Compensated:
		return invoiceID != "" || barrierState == "RESERVED" || barrierState == "SOLD"
	default:
		return invoiceID != "" || barrierState == "SOLD"
	}
}

// numbersBroken checks P6.
func (s snapshot) numbersBroken() []string {
	var out []string
	seen := map[string]string{}
	for id, inv := range s.invoices {
		key := scope + inv.NumberKey()
		if other := seen[key]; other != "" || s.numbers[key].InvoiceID != id {
			out = append(out, fmt.Sprintf("P6: number %s is of invoices %s and %q, and registered for %q",
				key, id, other, s.numbers[key].InvoiceID))
		}
		seen[key] = id
	}
	for key, n := range s.numbers {
		if n.InvoiceID != "" && seen[key] == "" {
			out = append(out, fmt.Sprintf("P6: number %s is registered for a missing invoice", key))
		}
	}
	for i := int64(1); i < s.next; i++ {
		if key := scope + fmt.Sprintf("%s/2526/%04d", series, i); s.numbers[key].SagaID == "" {
			out = append(out, fmt.Sprintf("P6: %s was skipped, the next is %d", key, s.next))
		}
	}
	return out
}

// keysBroken checks P1: a key has one invoice.
func (s snapshot) keysBroken() []string {
	var out []string
	byKey := map[string]string{}
	for _, inv := range s.invoices {
		hash := keyHash(inv.SagaID)
		if other := byKey[hash]; other != "" {
			out = append(out, fmt.Sprintf("P1: invoices %s and %s of one key", inv.ID, other))
		}
		byKey[hash] = inv.ID
	}
	return out
}

// changedWrongly checks P8 and P9 by comparing two snapshots: no saga disappears, goes
// back, or changes after its end; no answer changes.
func (s snapshot) changedWrongly(before snapshot) []string {
	successors := map[saga.State]string{
		saga.Begun:        "BEGUN COMMITTED COMPLETED ABORTED COMPENSATING COMPENSATED STUCK CANCELLING",
		saga.Committed:    "COMMITTED COMPLETED",
		saga.Compensating: "COMPENSATING STUCK COMPENSATED",
		saga.Cancelling:   "CANCELLING STUCK COMMITTED COMPLETED",
		saga.Stuck:        "COMPENSATING COMPENSATED CANCELLING STUCK COMMITTED COMPLETED",
		saga.Completed:    "COMPLETED", saga.Aborted: "ABORTED", saga.Compensated: "COMPENSATED",
	}
	var out []string
	for id, was := range before.sagas {
		is, known := s.sagas[id]
		wentBack := is.Fence < was.Fence || is.Redrive < was.Redrive
		if !known || !strings.Contains(successors[was.State], string(is.State)) || wentBack {
			out = append(out, fmt.Sprintf("P9: saga %s went from %s (fence %d) to %q (fence %d)",
				id, was.State, was.Fence, is.State, is.Fence))
		}
		if len(was.Sealed) > 0 && len(is.Sealed) > 0 && string(was.Sealed) != string(is.Sealed) {
			out = append(out, fmt.Sprintf("P2: the answer of saga %s has changed", id))
		}
	}
	for id, was := range before.invoices {
		is, there := s.invoices[id]
		if !there {
			out = append(out, fmt.Sprintf("P1: invoice %s is gone", id))
		}
		if was.Cancellation != nil && (is.Cancellation == nil || *is.Cancellation != *was.Cancellation) {
			out = append(out, fmt.Sprintf("P14: the cancellation of invoice %s has changed", id))
		}
	}
	return out
}
