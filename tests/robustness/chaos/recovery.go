package main

import (
	"context"
	"fmt"
	"time"
)

// wellness is how long after the fault's end what was well again; without a person.
type wellness struct {
	first  time.Duration // a request that began then was answered 201
	served time.Duration // every order that came before has its final answer
	sagas  time.Duration // every saga that was begun before has ended
	empty  time.Duration // and every other, and every queue
	late   error         // what was not, within patience
}

func (w wellness) rested() bool { return w.late == nil }

// recover waits until all is well, and takes down when what was.
func (r *run) recover(ctx context.Context) error {
	patient, cancel := context.WithDeadline(ctx, r.healed.Add(r.set.patience))
	defer cancel()
	_, r.well.late = r.Drained(patient)
	if err := ctx.Err(); err != nil {
		return err
	}
	if patient.Err() != nil {
		r.well.late = fmt.Errorf("not within %s", r.set.patience)
	}
	r.well.empty = time.Since(r.healed)
	r.well.first = r.set.patience
	for _, a := range r.load.between(r.healed, time.Now()) {
		if a.Status == 201 {
			r.well.first = min(r.well.first, a.At.Add(a.Took).Sub(r.healed))
		}
	}
	for _, o := range r.load.all() {
		seen := o.seen()
		if len(seen) == 0 || o.queued || seen[0].At.After(r.healed) {
			continue
		}
		last := seen[len(seen)-1]
		if a, ok := o.told(); ok { // later ones are replays
			last = a
		}
		r.well.served = max(r.well.served, last.At.Add(last.Took).Sub(r.healed))
	}
	all, err := r.sagas(ctx)
	for _, s := range all {
		if s.BegunAt < r.healed.UnixMilli() {
			r.well.sagas = max(r.well.sagas, s.lastStep().Sub(r.healed))
		}
	}
	return err
}

func (r *run) judgeRecovery() {
	fmt.Println("\nrecovery, from the fault's end, without a person")
	r.check(r.well.rested(), "all comes to rest%s", because(r.well.late))
	r.check(r.well.first < target, "the first 201: %s s", seconds(r.well.first))
	r.check(r.well.served < target, "everybody who came before is answered for good: %s s", seconds(r.well.served))
	r.check(r.well.sagas < target, "the last saga that was begun before has ended: %s s", seconds(r.well.sagas))
	r.check(r.well.empty < target, "all queues empty, all sagas ended, with load for the first %s: %s s", tail, seconds(r.well.empty))
}

func because(err error) string {
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}
