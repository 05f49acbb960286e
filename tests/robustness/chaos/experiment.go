package main

import (
	"context"
	"time"

	"github.com/invochain/invochain/tools/faults/fault"
)

// experiment is a sequence of faults and the expected result.
type experiment struct {
	name       string
	hypothesis string
	phases     []phase
	// expect checks the answers that callers got.
	expect func(*run)
	// must lists the alerts that have to fire, may those that are allowed to. Any other
	// alert fails the experiment.
	must, may []string
}

// phase is one fault for a limited time. The fault is removed at its end, also when the run
// is interrupted.
type phase struct {
	title    string
	duration time.Duration
	rules    []fault.Rule // for the proxy
	// during injects a fault until its context ends, removes it, and returns how many calls
	// it affected. It is nil where rules suffice.
	during func(ctx context.Context, r *run) (int, error)
}

// inject runs the phases and records when each began and the last ended.
func (r *run) inject(ctx context.Context) error {
	for _, p := range r.phases {
		r.began = append(r.began, time.Now())
		logf("%s, for %s", p.title, r.scaled(p.duration))
		affected, err := r.phase(ctx, p)
		if err != nil {
			return err
		}
		r.check(affected > 0, "the fault affected %d calls", affected)
	}
	r.healed = time.Now()
	return nil
}

// scaled returns a phase's duration times the share of -share.
func (r *run) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * r.set.share) }

func (r *run) phase(ctx context.Context, p phase) (affected int, err error) {
	during, cancel := context.WithTimeout(ctx, r.scaled(p.duration))
	defer cancel()
	if p.during != nil {
		affected, err = p.during(during, r)
	} else {
		affected, err = r.faults.during(during, p.rules)
	}
	if err == nil {
		err = ctx.Err() // interrupted
	}
	return affected, err
}
