package breaker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// The scenario: each instance makes five calls a second. Every call hangs for five
// seconds and fails.
const (
	instances = 20
	interval  = 200 * time.Millisecond
	hang      = 5 * time.Second
	window    = 10 * time.Second
	reset     = 30 * time.Second
	duration  = 55 * time.Second // ends after the first probes start and before they fail
)

var errFailed = errors.New("the call failed")

// instance makes one call unless its breaker is open.
type instance func(call func() error)

// outcome is the result of one run of the scenario.
type outcome struct {
	mu      sync.Mutex
	refused [instances]time.Duration // time of each instance's first refusal; 0 for none
	through int                      // calls before the instance's first refusal
	probes  int                      // calls after it
}

// run starts the instances, spread over one interval, and waits for their calls.
func (o *outcome) run(open func() instance) {
	start := time.Now()
	var wg sync.WaitGroup
	for i := range instances {
		call := open()
		wg.Go(func() {
			time.Sleep(time.Duration(i) * interval / instances)
			for time.Since(start) < duration {
				wg.Go(func() { o.call(i, start, call) })
				time.Sleep(interval)
			}
		})
	}
	wg.Wait()
}

func (o *outcome) call(i int, start time.Time, call instance) {
	at, admitted := time.Since(start), false
	call(func() error {
		admitted = true
		o.admit(i)
		time.Sleep(hang)
		return errFailed
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	if !admitted && o.refused[i] == 0 {
		o.refused[i] = at
	}
}

func (o *outcome) admit(i int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refused[i] == 0 {
		o.through++
	} else {
		o.probes++
	}
}

// print writes a line of JSON that tests/performance/peers reads.
func (o *outcome) print(t *testing.T, row map[string]any) {
	t.Helper()
	last := time.Duration(0)
	for i, at := range o.refused {
		if at == 0 {
			t.Fatalf("instance %d never refused a call", i)
		}
		last = max(last, at)
	}
	row["through"], row["refuse_s"], row["probes"] = o.through, last.Seconds(), o.probes
	line, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(line))
}

// nsPerCall measures a call that does nothing.
func nsPerCall(call instance) int64 {
	return testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			call(func() error { return nil })
		}
	}).NsPerOp()
}
