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
	killAt        = 100 // number of the saga before which the process is killed
	crashClients  = 16
	recoveryLimit = 20 * time.Second
)

// crashResult counts the ends of sagas whose process was killed.
type crashResult struct {
	begun, done, undone int
	half                int // some steps are done and others are not
	contradicted        int // ended otherwise than the response said
	open                int // not ended, as the system reports
	reruns              int // runs of steps beyond the first
	recovery            time.Duration
}

func compareCrashes(ctx context.Context, all []*system, steps *stepServer) error {
	fmt.Printf("\n| killed in the middle, %d times; every other saga's last step fails | sagas begun | done | undone "+
		"| half done | response contradicted | still open | steps run again | all ended after s |\n", crashRounds)
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for i, s := range all {
		if s.onDisk {
			continue // the same process as with its store in memory
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
			sum.begun, sum.done, sum.undone, sum.half, sum.contradicted, sum.open, sum.reruns, sum.recovery.Seconds())
		if bad := sum.half + sum.contradicted + sum.open; i == 0 && bad > 0 {
			return fmt.Errorf("%w: %d of our sagas ended wrongly or not at all", errUnexpected, bad)
		}
	}
	return nil
}

func (c *crashResult) add(r crashResult) {
	c.begun += r.begun
	c.done += r.done
	c.undone += r.undone
	c.half += r.half
	c.contradicted += r.contradicted
	c.open += r.open
	c.reruns += r.reruns
	c.recovery = max(c.recovery, r.recovery)
}

// crash kills the system's process while 16 clients run sagas, starts it again, and waits
// up to recoveryLimit until it reports that no saga is open.
func crash(ctx context.Context, s *system, steps *stepServer, prefix string) (crashResult, error) {
	responses := s.runUntilKilled(ctx, prefix)
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
	r.recovery = time.Since(began)
	for id, response := range responses {
		r.count(steps, id, response)
	}
	return r, nil
}

// runUntilKilled returns the response to each saga request: the saga's end, or empty for
// a saga in flight when the process was killed.
func (s *system) runUntilKilled(ctx context.Context, prefix string) map[string]fate {
	responses := map[string]fate{}
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	for range crashClients {
		all.Go(func() {
			for {
				n := next.Add(1)
				id := fmt.Sprintf("%s-%d", prefix, n)
				if n == killAt {
					s.kill() // the other clients' sagas are in flight
				}
				response, err := responseFate(s.run(ctx, id, n%2 == 1))
				mu.Lock()
				responses[id] = response
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return responses
}

// responseFate translates the result of system.run.
func responseFate(err error) (fate, error) {
	switch {
	case err == nil:
		return allDone, nil
	case errors.Is(err, errUndone):
		return allUndone, nil
	default:
		return "", err
	}
}

func (c *crashResult) count(steps *stepServer, id string, response fate) {
	f, begun := steps.fate(id)
	if !begun && response == "" {
		return // no step ran and the caller got no response
	}
	c.begun++
	c.reruns += steps.reruns(id)
	switch f {
	case allDone:
		c.done++
	case allUndone:
		c.undone++
	default:
		c.half++
	}
	if response != "" && response != f {
		c.contradicted++
	}
}
