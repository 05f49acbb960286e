package statemachine_test

import (
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/gst/money"
)

// check takes a snapshot of the tables and checks the promises.
func (m *machine) check(rt *rapid.T) (before, after snapshot) {
	before = m.last
	m.last = m.snapshot(m.ctx, rt)
	require.Empty(rt, m.last.broken(before, m.counted))
	return before, m.last
}

// judge checks the promises and a reply.
func (m *machine) judge(rt *rapid.T, s sale, r reply) {
	before, after := m.check(rt)
	rt.Logf("%s → %s", s.payload, r)
	require.Empty(rt, m.keys[s.key].judge(s, r, before, after), "%s → %s", s.payload, r)
}

func (m *machine) create(rt *rapid.T) {
	s := m.draw(rt)
	how, at := drawFault(rt)
	r, _ := m.fixture.create(m.ctx, s, how, at)
	m.judge(rt, s, r)
}

func (m *machine) accept(rt *rapid.T) {
	s := m.draw(rt)
	how, at := drawFault(rt)
	m.judge(rt, s, m.fixture.accept(m.ctx, s, how, at))
}

// enqueue sends a sale to the requests queue, which gives no reply.
func (m *machine) enqueue(rt *rapid.T) {
	s := m.draw(rt)
	m.send(message{"requests", events.InvoiceRequest{IdempotencyKey: s.id().ID, Invoice: s.body()}})
	m.keys[s.key].pending[s.payload] = true
}

// duplicate sends a sale twice concurrently.
func (m *machine) duplicate(rt *rapid.T) {
	s := m.draw(rt)
	m.keys[s.key].pending[s.payload] = true
	replies := make([]reply, 2)
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() { replies[i], _ = m.fixture.create(m.ctx, s, none, 0) })
	}
	wg.Wait()
	slices.SortFunc(replies, func(a, b reply) int { return rank(b) - rank(a) })
	for _, r := range replies {
		m.judge(rt, s, r)
	}
}

// rank orders the replies to duplicates: refusals precede the fresh answer, replays follow
// it.
func rank(r reply) int {
	switch {
	case r.err != nil:
		return 2
	case !r.Replayed:
		return 1
	default:
		return 0
	}
}

// stall starts a run that stalls at one of its writes.
func (m *machine) stall(rt *rapid.T) {
	if len(m.stalled) > 1 {
		rt.Skip()
	}
	s := m.draw(rt)
	ctx, f := withFault(m.ctx, stalls, rapid.IntRange(0, 3).Draw(rt, "at"))
	z := stalledRun{s, f, make(chan reply, 1)}
	process := m.newIssuer() // one that stalls serves no other request
	go func() { z.done <- m.issue(ctx, process, s, f) }()
	select {
	case <-f.reached:
		m.stalled = append(m.stalled, z)
		m.keys[s.key].pending[s.payload] = true
		m.check(rt)
	case r := <-z.done:
		m.judge(rt, s, r)
	}
}

// resume lets a stalled run continue.
func (m *machine) resume(rt *rapid.T) {
	if len(m.stalled) == 0 {
		rt.Skip()
	}
	n := rapid.IntRange(0, len(m.stalled)-1).Draw(rt, "stalled run")
	z := m.stalled[n]
	m.stalled = slices.Delete(m.stalled, n, n+1)
	close(z.fault.resume)
	m.judge(rt, z.sale, <-z.done)
}

// deliver delivers one of the waiting messages, in any order, perhaps more than once.
func (m *machine) deliver(rt *rapid.T) {
	if len(m.messages) == 0 {
		rt.Skip()
	}
	next := m.takeMessage(rapid.IntRange(0, len(m.messages)-1).Draw(rt, "message"))
	again := rapid.IntRange(0, 4).Draw(rt, "again") == 0
	how, at := drawFault(rt)
	ctx, f := withFault(m.ctx, how, at)
	defer f.cancel()
	err := m.fixture.deliver(ctx, next)
	rt.Logf("%s: %v", next.queue, err)
	if err != nil || f.died() || again {
		m.send(next)
	}
	m.check(rt)
}

func (m *machine) compensate(rt *rapid.T) {
	if len(m.pending) == 0 {
		rt.Skip()
	}
	e := m.takeExecution(rapid.IntRange(0, len(m.pending)-1).Draw(rt, "execution"))
	how, at := drawFault(rt)
	ctx, f := withFault(m.ctx, how, at)
	defer f.cancel()
	err := m.fixture.compensate(ctx, e)
	rt.Logf("compensate %s: %v", e.name, err)
	m.check(rt)
}

func (m *machine) recover(rt *rapid.T) {
	how, at := drawFault(rt)
	ctx, f := withFault(m.ctx, how, at)
	defer f.cancel()
	rt.Logf("recover: %v", m.fixture.recover(ctx))
	m.check(rt)
}

// lateReserve delivers an invocation whose caller has already failed.
func (m *machine) lateReserve(rt *rapid.T) {
	if len(m.reserves) == 0 {
		rt.Skip()
	}
	n := rapid.IntRange(0, len(m.reserves)-1).Draw(rt, "call")
	rt.Logf("late reserve: %v", m.stock.Reserve(m.ctx, m.reserves[n]))
	m.reserves = slices.Delete(m.reserves, n, n+1)
	m.check(rt)
}

func (m *machine) count(rt *rapid.T) {
	m.setStock(rt, rapid.SampledFrom([]string{"X", "Y"}).Draw(rt, "sku"), rapid.IntRange(0, 12).Draw(rt, "stock"))
	m.check(rt)
}

func (m *machine) setStock(rt *rapid.T, sku string, n int) {
	l, err := m.stock.SetOnHand(m.ctx, merchantID, sku, money.Quantity(1000*n))
	require.NoError(rt, err)
	m.counted[sku] = l.OnHand + l.Reserved + l.Sold
}

// wait advances the clock by some seconds, past the lease, past an execution, or past the end
// of an answer's retention.
func (m *machine) wait(rt *rapid.T) {
	m.clock.advance(rapid.SampledFrom([]time.Duration{
		time.Second, 6 * time.Second, 16 * time.Second, 7 * time.Minute, 25 * time.Hour,
	}).Draw(rt, "wait"))
}
