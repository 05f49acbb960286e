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

// kills kills a busy process of a function every second.
func kills() experiment {
	return experiment{
		name: "kills",
		hypothesis: "with a busy function killed every second, callers who retry with their key get their invoice; " +
			"no answer is lost, nothing is half done",
		phases: []phase{
			{title: "every second a busy process of a function is killed", duration: time.Minute, during: killBusy},
		},
		expect: func(r *run) {
			list := r.load.between(r.began[0], r.healed)
			// The gateway responds with 502 when a function dies.
			broken := filter(list, func(a answer) bool { return a.Status == 0 || a.Status >= 500 })
			bad := filter(list, func(a answer) bool { return a.Status != 201 && !a.ShouldRetry() })
			r.check(len(broken) > 0, "%d of %d answers are failures", len(broken), len(list))
			r.none(len(bad), "each of %d answers is a 201 or retryable", len(list))
		},
		// A killed process records no metric, but callers of a killed function do: some percent
		// of requests may get a 503. A killed compensation is retried.
		may: []string{"ErrorsFast", "ErrorsSteady", "ErrorsSlow"},
	}
}

func killBusy(ctx context.Context, r *run) (killed int, err error) {
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
		pid, found := pickBusy(ctx, functions(folder))
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

// pickBusy picks one of the processes that used the CPU within the last milliseconds.
// Killing an idle process would test nothing.
func pickBusy(ctx context.Context, pids []int) (int, bool) {
	before := worked(pids)
	for range 300 {
		pause(ctx, 2*time.Millisecond)
		now := worked(pids)
		idle := func(pid int) bool { return now[pid] == before[pid] || now[pid] == 0 }
		busy := slices.DeleteFunc(slices.Clone(pids), idle)
		if len(busy) > 0 {
			return busy[rand.N(len(busy))], true
		}
		before = now
	}
	return 0, false
}
