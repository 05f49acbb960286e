package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/tests/framework/invariants"
)

// promises checks P1 to P9 against the tables and the bus.
func (r *run) promises(ctx context.Context) error {
	fmt.Println("\npromises, on the tables and the bus")
	s, err := r.Read(ctx)
	if err != nil {
		return err
	}
	sagas, err := r.sagas(ctx)
	if err != nil {
		return err
	}
	r.oneInvoicePerKey(s)
	if err := r.sameAnswers(ctx); err != nil {
		return err
	}
	r.sagaEnds(s, sagas)
	if err := r.noStockReserved(ctx, sagas); err != nil {
		return err
	}
	if err := r.noGaps(ctx, s); err != nil {
		return err
	}
	s.Verify(r.none)
	r.oneFinisher(sagas)
	return r.lateSteps(ctx, s, sagas)
}

// oneInvoicePerKey checks P1 for orders with and without an answer and for messages.
func (r *run) oneInvoicePerKey(s *invariants.Snapshot) {
	byKey := map[string]int{} // number of invoices by key hash
	for _, id := range s.SagaOf {
		byKey[sagaRow{SagaID: id}.keyHash()]++
	}
	issued := r.load.issued()
	r.none(s.Missing(issued), "P1 each of %d answers of 201 has its own invoice, with its id and saga id", len(issued))
	duplicates, missing, queued := 0, 0, 0
	for _, o := range r.load.all() {
		hash := idempotency.Key{Scope: o.merchant, ID: o.key}.Hash()
		n := byKey[hash]
		duplicates += max(0, n-1)
		delete(byKey, hash)
		if o.queued && len(o.attempts()) > 0 {
			queued++
			missing += max(0, 1-n)
		}
	}
	r.none(duplicates, "P1 no key has two invoices")
	r.none(len(byKey), "P1 every invoice belongs to an order")
	r.none(missing, "P1 each of %d messages has its invoice", queued)
}

// sameAnswers checks P2: the answers of the run and a replay now are the same.
func (r *run) sameAnswers(ctx context.Context) error {
	r.none(r.load.contradicted(), "P2 no order got two different 201s")
	wrong, replayed := 0, 0
	for _, o := range r.load.all() {
		first, ok := o.created()
		if !ok || o.n%replays != 1 {
			continue
		}
		replayed++
		a := send(ctx, r.load.clients[o.merchant], o.key, o.body)
		if a.Status != 201 || !a.replayed() || string(a.Body) != string(first.Body) {
			wrong++
		}
	}
	r.none(wrong, "P2 %d keys, sent again now, get the same answer", replayed)
	return ctx.Err()
}

// sagaEnds checks P4, and P5 for invoices.
func (r *run) sagaEnds(s *invariants.Snapshot, sagas map[string]sagaRow) {
	states := map[saga.State]int{}
	partial := 0
	hasInvoice := map[string]bool{}
	for _, id := range s.SagaOf {
		hasInvoice[id] = true
	}
	for id, row := range sagas {
		states[row.State]++
		if hasInvoice[id] != (row.State == saga.Completed) {
			partial++
		}
	}
	unended := len(sagas)
	for state, n := range states {
		if state.Ended() {
			unended -= n
		}
	}
	r.none(unended, "P4 each of %d sagas has ended: %s", len(sagas), formatCounts(states))
	r.none(partial, "P5 every COMPLETED saga has an invoice, and no other saga has")
}

func formatCounts(states map[saga.State]int) string {
	var parts []string
	for _, s := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[s], s))
	}
	return strings.Join(parts, ", ")
}

// oneFinisher checks P9 as far as the tables show it: a COMPLETED saga's history has one
// successful Create Invoice, any other saga's none.
func (r *run) oneFinisher(sagas map[string]sagaRow) {
	wrong := 0
	for _, s := range sagas {
		want := 0
		if s.State == saga.Completed {
			want = 1
		}
		if s.successes(step.Create) != want {
			wrong++
		}
	}
	r.none(wrong, "P9 each saga was finished by one owner, or by none")
}
