// Package inprocess puts breakers that live in one process through the scenario of
// package breakers, in simulated time, and prints a line of JSON for each.
package inprocess_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"
)

// The scenario: each instance makes five calls a second, all of which hang for five
// seconds and fail.
const (
	instances = 20
	every     = 200 * time.Millisecond
	hangs     = 5 * time.Second
	window    = 10 * time.Second
	reset     = 30 * time.Second
	lasts     = 55 * time.Second // until after the first probes, before they fail
)

var errFailed = errors.New("the call failed")

// instance has one call made, unless it refuses.
type instance func(call func() error)

// outcome of a scenario.
type outcome struct {
	mu      sync.Mutex
	refused [instances]time.Duration // when each refused first; 0 for never
	through int                      // before its own instance refused
	probes  int                      // after it
}

func TestScenario(t *testing.T) {
	for name, open := range map[string]func() instance{"gobreaker 2.4.0": newGobreaker, "failsafe-go 0.9.8": newFailsafe} {
		var o outcome
		synctest.Test(t, func(*testing.T) { o.run(open) })
		all := time.Duration(0)
		for _, at := range o.refused {
			all = max(all, at)
		}
		line, err := json.Marshal(map[string]any{
			"name": name, "closed_ns": cost(open(), nil), "open_ns": cost(open(), errFailed),
			"through": o.through, "refuse_s": all.Seconds(), "probes": o.probes, "time": "simulated",
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(string(line))
	}
}

// run starts the instances' calls a little after each other.
func (o *outcome) run(open func() instance) {
	began := time.Now()
	var wg sync.WaitGroup
	for i := range instances {
		call := open()
		wg.Go(func() {
			time.Sleep(time.Duration(i) * every / instances)
			for time.Since(began) < lasts {
				wg.Go(func() { o.one(i, began, call) })
				time.Sleep(every)
			}
		})
	}
	wg.Wait()
}

func (o *outcome) one(i int, began time.Time, call instance) {
	at, let := time.Since(began), false
	call(func() error {
		o.mu.Lock()
		let = true
		if o.refused[i] == 0 {
			o.through++
		} else {
			o.probes++
		}
		o.mu.Unlock()
		time.Sleep(hangs)
		return errFailed
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	if !let && o.refused[i] == 0 {
		o.refused[i] = at
	}
}

// cost of a call that does nothing, in nanoseconds; through an open breaker when
// the calls before it failed.
func cost(call instance, result error) int64 {
	for range 20 {
		call(func() error { return result })
	}
	return testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			call(func() error { return nil })
		}
	}).NsPerOp()
}

func newGobreaker() instance {
	b := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Interval: window, BucketPeriod: time.Second, Timeout: reset, MaxRequests: 1,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			done := c.TotalSuccesses + c.TotalFailures
			return done >= 10 && 2*c.TotalFailures >= done
		},
	})
	return func(call func() error) { _, _ = b.Execute(func() (any, error) { return nil, call() }) }
}

func newFailsafe() instance {
	b := circuitbreaker.NewBuilder[any]().WithFailureRateThreshold(0.5, 10, window).WithDelay(reset).WithSuccessThreshold(1).Build()
	return func(call func() error) {
		if !b.TryAcquirePermit() {
			return
		}
		if call() != nil {
			b.RecordFailure()
		} else {
			b.RecordSuccess()
		}
	}
}
