package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// kills has a function's process end at its work, every second.
func kills() experiment {
	return experiment{
		name: "kills",
		hypothesis: "with a function killed at its work every second, callers who send their key again get their invoice; " +
			"no answer is lost, nothing is half done",
		phases: []phase{{title: "every second a function's process is killed at its work", last: time.Minute, during: killOnes}},
		expect: func(r *run) {
			list := r.load.between(r.began[0], r.healed)
			// 502 is the gateway's word for a function that died.
			broken := those(list, func(a answer) bool { return a.Status == 0 || a.Status >= 500 })
			bad := those(list, func(a answer) bool { return a.Status != 201 && !a.again() })
			r.check(len(broken) > 0, "%d of %d answers tell of a death", len(broken), len(list))
			r.none(len(bad), "each of %d answers is a 201, or one to send the key again for", len(list))
		},
		// A process that dies counts nothing, but whoever waited for it does: some percent of
		// requests may be answered 503. One that is killed while it undoes is tried again.
		may: []string{"ErrorsFast", "ErrorsSteady", "ErrorsSlow"},
	}
}

func killOnes(ctx context.Context, r *run) (killed int, err error) {
	folder, err := filepath.Abs(r.set.dir)
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return killed, nil
		case <-tick.C:
		}
		pid, found := atWork(ctx, functions(folder))
		if !found {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err == nil {
			killed++
		} else if !errors.Is(err, syscall.ESRCH) {
			return killed, err
		}
	}
}

// atWork picks one of the processes that have used the processor within some
// milliseconds: one that waits for its next request would not be missed.
func atWork(ctx context.Context, pids []int) (int, bool) {
	before := worked(pids)
	for range 300 {
		pause(ctx, 2*time.Millisecond)
		now := worked(pids)
		busy := slices.DeleteFunc(slices.Clone(pids), func(pid int) bool { return now[pid] == before[pid] || now[pid] == 0 })
		if len(busy) > 0 {
			return busy[rand.N(len(busy))], true
		}
		before = now
	}
	return 0, false
}
