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

// promises holds P1 to P9 against the tables and the bus.
func (r *run) promises(ctx context.Context) error {
	fmt.Println("\npromises, on the tables and the bus")
	b, err := r.Read(ctx)
	if err != nil {
		return err
	}
	sagas, err := r.sagas(ctx)
	if err != nil {
		return err
	}
	r.oneEffect(b)
	if err := r.sameAnswers(ctx); err != nil {
		return err
	}
	r.ends(b, sagas)
	if err := r.nothingHeld(ctx, sagas); err != nil {
		return err
	}
	if err := r.noGaps(ctx, b); err != nil {
		return err
	}
	b.Verify(r.none)
	r.oneFinisher(sagas)
	return r.lateSteps(ctx, b, sagas)
}

// oneEffect is P1, for those who were answered, those who were not, and the queue's.
func (r *run) oneEffect(b *invariants.Books) {
	of := map[string]int{} // invoices, by the root of their key
	for _, id := range b.SagaOf {
		of[sagaRow{SagaID: id}.root()]++
	}
	told := r.load.issued()
	r.none(b.Missing(told), "P1 each of %d answers of 201 has its own invoice, by its id and its saga's", len(told))
	double, unqueued, queued := 0, 0, 0
	for _, o := range r.load.all() {
		n := of[idempotency.Key{Scope: o.merchant, ID: o.key}.Hash()]
		double += max(0, n-1)
		delete(of, idempotency.Key{Scope: o.merchant, ID: o.key}.Hash())
		if o.queued && len(o.seen()) > 0 {
			queued++
			unqueued += max(0, 1-n)
		}
	}
	r.none(double, "P1 no key has two invoices")
	r.none(len(of), "P1 no invoice is nobody's")
	r.none(unqueued, "P1 each of %d messages at the queue door has its invoice", queued)
}

// sameAnswers is P2: what was said during the run, and what is said now.
func (r *run) sameAnswers(ctx context.Context) error {
	r.none(r.load.contradicted(), "P2 no order was answered 201 in two ways")
	wrong, asked := 0, 0
	for _, o := range r.load.all() {
		first, ok := o.told()
		if !ok || o.n%replays != 1 {
			continue
		}
		asked++
		if a := r.load.client.send(ctx, o.key, o.body); a.Status != 201 || !a.replayed() || string(a.Body) != string(first.Body) {
			wrong++
		}
	}
	r.none(wrong, "P2 %d keys, sent again now, are answered as they were", asked)
	return ctx.Err()
}

// ends is P4, and P5 for invoices.
func (r *run) ends(b *invariants.Books, sagas map[string]sagaRow) {
	states := map[saga.State]int{}
	partial := 0
	with := map[string]bool{}
	for _, id := range b.SagaOf {
		with[id] = true
	}
	for id, s := range sagas {
		states[s.State]++
		if with[id] != (s.State == saga.Completed) {
			partial++
		}
	}
	unended := len(sagas)
	for state, n := range states {
		if state.Ended() {
			unended -= n
		}
	}
	r.none(unended, "P4 each of %d sagas has ended: %s", len(sagas), counted(states))
	r.none(partial, "P5 those that are COMPLETED have an invoice, and no other has")
}

func counted(states map[saga.State]int) string {
	var parts []string
	for _, s := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[s], s))
	}
	return strings.Join(parts, ", ")
}

// oneFinisher is P9, as far as the tables show it: what only an owner may do was done
// once, and by nobody who had been refused.
func (r *run) oneFinisher(sagas map[string]sagaRow) {
	wrong := 0
	for _, s := range sagas {
		want := 0
		if s.State == saga.Completed {
			want = 1
		}
		if s.did(step.Create) != want {
			wrong++
		}
	}
	r.none(wrong, "P9 each saga's history has one owner who finished it, or none")
}
