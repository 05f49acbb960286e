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

// look takes the tables down and holds them against the promises.
func (m *machine) look(rt *rapid.T) (before, after snapshot) {
	before = m.last
	m.last = m.snapshot(m.ctx, rt)
	require.Empty(rt, m.last.broken(before, m.counted))
	return before, m.last
}

func (m *machine) judge(rt *rapid.T, s sale, r reply) {
	before, after := m.look(rt)
	rt.Logf("%s → %s", s.payload, r)
	require.Empty(rt, m.books[s.key].judge(s, r, m.clock.now(), before, after), "%s → %s", s.payload, r)
}

func (m *machine) ask(rt *rapid.T) {
	s := m.draw(rt)
	how, at := drawFault(rt)
	r, _ := m.world.ask(m.ctx, s, how, at)
	m.judge(rt, s, r)
}

func (m *machine) accept(rt *rapid.T) {
	s := m.draw(rt)
	how, at := drawFault(rt)
	m.judge(rt, s, m.world.accept(m.ctx, s, how, at))
}

// enqueue is the queue door. Whoever fills it is not told what comes of it.
func (m *machine) enqueue(rt *rapid.T) {
	s := m.draw(rt)
	m.back(message{"requests", events.InvoiceRequest{IdempotencyKey: s.id().ID, Invoice: s.body()}})
	m.books[s.key].doubt[s.payload] = true
}

// duplicate asks twice at once.
func (m *machine) duplicate(rt *rapid.T) {
	s := m.draw(rt)
	m.books[s.key].doubt[s.payload] = true
	replies := make([]reply, 2)
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() { replies[i], _ = m.world.ask(m.ctx, s, fine, 0) })
	}
	wg.Wait()
	slices.SortFunc(replies, func(a, b reply) int { return told(b) - told(a) })
	for _, r := range replies {
		m.judge(rt, s, r)
	}
}

// told orders the replies of duplicates: refusals came before the answer, replays
// after it.
func told(r reply) int {
	switch {
	case r.err != nil:
		return 2
	case !r.Replayed:
		return 1
	default:
		return 0
	}
}

func (m *machine) stall(rt *rapid.T) {
	if len(m.asleep) > 1 {
		rt.Skip()
	}
	s := m.draw(rt)
	ctx, f := under(m.ctx, stalled, rapid.IntRange(0, 3).Draw(rt, "at"))
	z := sleeper{s, f, make(chan reply, 1)}
	go func() { z.done <- m.issue(ctx, s, f) }()
	select {
	case <-f.reached:
		m.asleep = append(m.asleep, z)
		m.books[s.key].doubt[s.payload] = true
		m.look(rt)
	case r := <-z.done:
		m.judge(rt, s, r)
	}
}

func (m *machine) resume(rt *rapid.T) {
	if len(m.asleep) == 0 {
		rt.Skip()
	}
	n := rapid.IntRange(0, len(m.asleep)-1).Draw(rt, "sleeper")
	z := m.asleep[n]
	m.asleep = slices.Delete(m.asleep, n, n+1)
	close(z.fault.resume)
	m.judge(rt, z.sale, <-z.done)
}

// deliver hands one of the waiting messages on, in any order; it may come again.
func (m *machine) deliver(rt *rapid.T) {
	if len(m.messages) == 0 {
		rt.Skip()
	}
	next := m.takeMessage(rapid.IntRange(0, len(m.messages)-1).Draw(rt, "message"))
	again := rapid.IntRange(0, 4).Draw(rt, "again") == 0
	how, at := drawFault(rt)
	ctx, f := under(m.ctx, how, at)
	defer f.cancel()
	err := m.world.deliver(ctx, next)
	rt.Logf("%s: %v", next.queue, err)
	if err != nil || f.died() || again {
		m.back(next)
	}
	m.look(rt)
}

func (m *machine) compensate(rt *rapid.T) {
	if len(m.pending) == 0 {
		rt.Skip()
	}
	e := m.takeExecution(rapid.IntRange(0, len(m.pending)-1).Draw(rt, "execution"))
	how, at := drawFault(rt)
	ctx, f := under(m.ctx, how, at)
	defer f.cancel()
	err := m.world.compensate(ctx, e)
	rt.Logf("compensate %s: %v", e.name, err)
	m.look(rt)
}

func (m *machine) recover(rt *rapid.T) {
	how, at := drawFault(rt)
	ctx, f := under(m.ctx, how, at)
	defer f.cancel()
	rt.Logf("recover: %v", m.world.recover(ctx))
	m.look(rt)
}

// lateReserve has a call arrive that its caller gave up.
func (m *machine) lateReserve(rt *rapid.T) {
	if len(m.reserves) == 0 {
		rt.Skip()
	}
	n := rapid.IntRange(0, len(m.reserves)-1).Draw(rt, "call")
	rt.Logf("late reserve: %v", m.stock.Reserve(m.ctx, m.reserves[n]))
	m.reserves = slices.Delete(m.reserves, n, n+1)
	m.look(rt)
}

func (m *machine) count(rt *rapid.T) {
	m.setStock(rt, rapid.SampledFrom([]string{"X", "Y"}).Draw(rt, "sku"), rapid.IntRange(0, 12).Draw(rt, "stock"))
	m.look(rt)
}

func (m *machine) setStock(rt *rapid.T, sku string, n int) {
	l, err := m.stock.SetOnHand(m.ctx, merchantID, sku, money.Quantity(1000*n))
	require.NoError(rt, err)
	m.counted[sku] = l.OnHand + l.Reserved + l.Sold
}

// wait for some seconds, past the lease, past a redrive, across the end of an answer.
func (m *machine) wait(rt *rapid.T) {
	m.clock.pass(rapid.SampledFrom([]time.Duration{time.Second, 6 * time.Second, 16 * time.Second, 3 * time.Minute, 25 * time.Hour}).Draw(rt, "wait"))
}
