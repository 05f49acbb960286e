package main

import (
	"context"
	"fmt"
	"time"
)

// recoveryTimes are measured from the fault's end, without operator action.
type recoveryTimes struct {
	first  time.Duration // until the first 201 to a new request
	served time.Duration // until every earlier order had its final answer
	sagas  time.Duration // until every earlier saga had ended
	empty  time.Duration // until all sagas had ended and all queues were empty
	err    error         // the system has not recovered within -patience
}

func (t recoveryTimes) complete() bool { return t.err == nil }

// awaitRecovery waits until the system has recovered and records the times.
func (r *run) awaitRecovery(ctx context.Context) error {
	limited, cancel := context.WithDeadline(ctx, r.healed.Add(r.set.patience))
	defer cancel()
	_, r.recovered.err = r.Drained(limited)
	if err := ctx.Err(); err != nil {
		return err
	}
	if limited.Err() != nil {
		r.recovered.err = fmt.Errorf("not within %s", r.set.patience)
	}
	r.recovered.empty = time.Since(r.healed)
	r.recovered.first = r.set.patience
	for _, a := range r.load.between(r.healed, time.Now()) {
		if a.Status == 201 {
			r.recovered.first = min(r.recovered.first, a.Sent.Add(a.Took).Sub(r.healed))
		}
	}
	for _, o := range r.load.all() {
		attempts := o.attempts()
		if len(attempts) == 0 || o.queued || attempts[0].Sent.After(r.healed) {
			continue
		}
		last := attempts[len(attempts)-1]
		if a, ok := o.created(); ok { // later answers are replays
			last = a
		}
		r.recovered.served = max(r.recovered.served, last.Sent.Add(last.Took).Sub(r.healed))
	}
	all, err := r.sagas(ctx)
	for _, s := range all {
		if s.BegunAt < r.healed.UnixMilli() {
			r.recovered.sagas = max(r.recovered.sagas, s.lastStep().Sub(r.healed))
		}
	}
	return err
}

func (r *run) judgeRecovery() {
	fmt.Println("\nrecovery, from the fault's end, without operator action")
	t := r.recovered
	r.check(t.complete(), "the system recovers%s", suffix(t.err))
	r.check(t.first < target, "the first 201: %s s", seconds(t.first))
	r.check(t.served < target, "the last earlier order has its final answer: %s s", seconds(t.served))
	r.check(t.sagas < target, "the last earlier saga has ended: %s s", seconds(t.sagas))
	r.check(t.empty < target,
		"all queues empty and all sagas ended, with load for the first %s: %s s", tail, seconds(t.empty))
}

// suffix formats an error to end a sentence.
func suffix(err error) string {
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}
