package main

import (
	"context"
	"time"

	"github.com/invochain/invochain/tools/faults/fault"
)

// experiment is what is done to the system, and what must be seen.
type experiment struct {
	name       string
	hypothesis string
	phases     []phase
	// expect holds what callers saw against what they may rely on.
	expect func(*run)
	// must are the alerts that go off, may those that can; no other may.
	must, may []string
}

// phase is one fault, for a time. What it did is undone when its time is over, also when
// the run is broken off.
type phase struct {
	title string
	last  time.Duration
	rules []fault.Rule // for the proxy
	// during has something fail until its context ends, mends it, and tells how often the
	// fault bit; nil where rules do it all.
	during func(ctx context.Context, r *run) (int, error)
}

// inject goes through the phases, and notes when each began and the last ended.
func (r *run) inject(ctx context.Context) error {
	for _, p := range r.phases {
		r.began = append(r.began, time.Now())
		say("%s, for %s", p.title, r.lasting(p))
		bites, err := r.phase(ctx, p)
		if err != nil {
			return err
		}
		r.check(bites > 0, "the fault bit: %d times", bites)
	}
	r.healed = time.Now()
	return nil
}

func (r *run) lasting(p phase) time.Duration { return time.Duration(float64(p.last) * r.set.share) }

func (r *run) phase(ctx context.Context, p phase) (bites int, err error) {
	during, cancel := context.WithTimeout(ctx, r.lasting(p))
	defer cancel()
	if p.during != nil {
		bites, err = p.during(during, r)
	} else {
		bites, err = r.faults.during(during, p.rules)
	}
	if err == nil {
		err = ctx.Err() // broken off
	}
	return bites, err
}
