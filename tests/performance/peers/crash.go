package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	crashRounds   = 2
	killAfter     = 100 // the number of the saga before which the process is killed
	crashClients  = 16
	recoveryLimit = 20 * time.Second
)

// crashResult is what became of sagas whose runner was killed.
type crashResult struct {
	begun, done, undone int
	half                int // some steps stand and others do not
	lost                int // ended otherwise than its caller was told
	open                int // not ended by its own account
	again               int // runs of steps beyond the first
	recovered           time.Duration
}

func crashes(ctx context.Context, all []*system, steps *stepServer) error {
	fmt.Printf("\n| killed in the middle, %d times; every other saga's last step fails | sagas begun | done | undone | left half | not as told | still open | steps run again | all ended after s |\n", crashRounds)
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for i, s := range all {
		if s.onDisk {
			continue // the same process as with the store in memory
		}
		var sum crashResult
		for round := range crashRounds {
			r, err := crash(ctx, s, steps, fmt.Sprintf("crash-%d-%d", i, round))
			if err != nil {
				return err
			}
			sum.add(r)
		}
		fmt.Printf("| %s (%s) | %d | %d | %d | %d | %d | %d | %d | %.1f |\n", s.name, s.durability,
			sum.begun, sum.done, sum.undone, sum.half, sum.lost, sum.open, sum.again, sum.recovered.Seconds())
		if bad := sum.half + sum.lost + sum.open; i == 0 && bad > 0 {
			return fmt.Errorf("%w: %d sagas of ours did not end as they should", errUnexpected, bad)
		}
	}
	return nil
}

func (c *crashResult) add(r crashResult) {
	c.begun += r.begun
	c.done += r.done
	c.undone += r.undone
	c.half += r.half
	c.lost += r.lost
	c.open += r.open
	c.again += r.again
	c.recovered = max(c.recovered, r.recovered)
}

// crash kills the system's process while 16 clients run sagas, starts it again, and
// waits until it says that all have ended, for a bounded time.
func crash(ctx context.Context, s *system, steps *stepServer, prefix string) (crashResult, error) {
	told := s.untilKilled(ctx, prefix)
	began := time.Now()
	if err := s.start(ctx); err != nil {
		return crashResult{}, err
	}
	var r crashResult
	err := await(ctx, recoveryLimit, "no saga is open", func() (bool, error) {
		var err error
		r.open, err = s.open(ctx)
		return r.open == 0, err
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return crashResult{}, err
	}
	r.recovered = time.Since(began)
	for id, end := range told {
		r.judge(steps, id, end)
	}
	return r, nil
}

// untilKilled returns each saga that was asked for with the end that its caller was
// told, empty for those in flight when the process was killed.
func (s *system) untilKilled(ctx context.Context, prefix string) map[string]fate {
	told := map[string]fate{}
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	for range crashClients {
		all.Go(func() {
			for {
				n := next.Add(1)
				id := fmt.Sprintf("%s-%d", prefix, n)
				if n == killAfter {
					s.kill() // the other clients' sagas are in flight
				}
				end, err := toldOf(s.run(ctx, id, n%2 == 1))
				mu.Lock()
				told[id] = end
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return told
}

func toldOf(err error) (fate, error) {
	switch {
	case err == nil:
		return allDone, nil
	case errors.Is(err, errUndone):
		return allUndone, nil
	default:
		return "", err
	}
}

func (c *crashResult) judge(steps *stepServer, id string, told fate) {
	f, begun := steps.fate(id)
	if !begun && told == "" {
		return // it never reached its steps, and nobody was told so
	}
	c.begun++
	c.again += steps.again(id)
	switch f {
	case allDone:
		c.done++
	case allUndone:
		c.undone++
	default:
		c.half++
	}
	if told != "" && told != f {
		c.lost++
	}
}
