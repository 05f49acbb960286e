//go:build breakers

// Package breakers_test compares circuit breakers: twenty instances make a hundred
// calls a second, all of which hang for five seconds and fail. Which calls are let
// through before all instances refuse, and how many once the reset is over?
package breakers_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

const (
	instances = 20
	every     = 200 * time.Millisecond
	hangs     = 5 * time.Second
	lasts     = 55 * time.Second // until after the first probes, before they are given up
)

// outcome of the scenario.
type outcome struct {
	mu      sync.Mutex
	refused [instances]time.Duration // when each refused first; 0 for never
	through int                      // before its own instance refused
	probes  int                      // after it
}

func (o *outcome) let(i int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refused[i] == 0 {
		o.through++
	} else {
		o.probes++
	}
}

func (o *outcome) refuse(i int, at time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refused[i] == 0 {
		o.refused[i] = at
	}
}

// ours runs the scenario in real time, on DynamoDB Local.
func ours(t *testing.T) row {
	t.Helper()
	db := dynamotest.Client(t)
	cfg := breaker.Config{Table: dynamotest.Tables(t, db).Platform, Name: "inventory", InFlight: 1000}
	r := row{Name: "InvoChain", Time: "real"}
	r.ClosedNS, r.OpenNS, r.ReadNS = costs(t, db, cfg.Table)
	var o outcome
	began := time.Now()
	var wg sync.WaitGroup
	for i := range instances {
		b := breaker.New(db, cfg, time.Now)
		wg.Go(func() {
			time.Sleep(time.Duration(i) * every / instances)
			for time.Since(began) < lasts {
				wg.Go(func() { o.call(t.Context(), i, began, b) })
				time.Sleep(every)
			}
		})
	}
	wg.Wait()
	r.Through, r.Probes = o.through, o.probes
	for _, at := range o.refused {
		require.NotZero(t, at, "an instance never refused")
		r.RefuseS = max(r.RefuseS, at.Seconds())
	}
	return r
}

func (o *outcome) call(ctx context.Context, i int, began time.Time, b *breaker.Breaker) {
	at := time.Since(began)
	p, err := b.Acquire(ctx, b.State(ctx))
	if err != nil {
		o.refuse(i, at)
		return
	}
	o.let(i)
	time.Sleep(hangs)
	p.RecordFailure(ctx)
}

// costs of a call that does nothing: through a closed breaker, through an open one,
// and with a state that has to be read, in nanoseconds.
func costs(t *testing.T, db breaker.API, table string) (closed, open, read int64) {
	t.Helper()
	ns := func(of *breaker.Breaker) int64 {
		return testing.Benchmark(func(b *testing.B) {
			b.Helper()
			for b.Loop() {
				if p, err := of.Acquire(t.Context(), of.State(t.Context())); err == nil {
					p.RecordSuccess(t.Context())
				}
			}
		}).NsPerOp()
	}
	of := func(name string, fresh time.Duration) *breaker.Breaker {
		return breaker.New(db, breaker.Config{Table: table, Name: name, CacheTTL: fresh}, time.Now)
	}
	closed, read = ns(of("closed", time.Hour)), ns(of("closed", time.Nanosecond))
	b := of("open", time.Hour)
	_, err := b.Force(t.Context(), breaker.Open, "the comparison", "")
	require.NoError(t, err)
	return closed, ns(b), read
}
