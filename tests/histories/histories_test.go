package histories_test

import (
	"context"
	"flag"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/saga"
)

// TestMain asks rapid for fewer checks than its hundred, and to print the seed of a
// failure instead of keeping a file. The command line overrules it.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "40")
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// TestHistories has clients ask through both doors, again, with other payloads, at
// once, and go away; has messages arrive late, twice and in any order; has processes
// stall and die at any write, the clock jump, and recovery run. After every step the
// tables keep the promises, and clients are told what a small model says. In the end
// everything comes to rest.
func TestHistories(t *testing.T) {
	client := dynamotest.Client(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, client)
		defer w.drop(context.Background())
		m := begin(t.Context(), rt, w)
		rt.Repeat(map[string]func(*rapid.T){
			"ask": m.ask, "ask again": m.ask, "accept": m.accept, "enqueue": m.enqueue, "duplicate": m.duplicate,
			"stall": m.stall, "resume": m.resume, "deliver": m.deliver, "deliver more": m.deliver, "compensate": m.compensate,
			"recover": m.recover, "late reserve": m.lateReserve, "count": m.count, "wait": m.wait, "": m.check,
		})
		m.rest(rt)
	})
}

// machine is the test's state: the world, and what its clients know.
type machine struct {
	*world
	ctx     context.Context //nolint:containedctx // rapid's actions take none
	sales   [][]sale
	books   []*book
	counted map[string]domain.Quantity
	last    snapshot
	asleep  []sleeper
}

// sleeper is a run that stalls.
type sleeper struct {
	sale  sale
	fault *fault
	done  chan reply
}

func begin(ctx context.Context, rt *rapid.T, w *world) *machine {
	m := &machine{world: w, ctx: ctx, sales: drawSales(rt), counted: map[string]domain.Quantity{}}
	for range m.sales {
		m.books = append(m.books, &book{doubt: map[string]bool{}})
	}
	for _, sku := range []string{"X", "Y"} {
		m.setStock(rt, sku, rapid.IntRange(0, 12).Draw(rt, "stock"))
	}
	m.last = w.snapshot(ctx, rt)
	return m
}

func (m *machine) draw(rt *rapid.T) sale {
	of := rapid.SampledFrom(m.sales).Draw(rt, "key")
	if rapid.IntRange(0, 5).Draw(rt, "payload") == 0 {
		return of[1]
	}
	return of[0]
}

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
}

func (m *machine) setStock(rt *rapid.T, sku string, n int) {
	l, err := m.stock.SetOnHand(m.ctx, merchantID, sku, domain.Quantity(1000*n))
	require.NoError(rt, err)
	m.counted[sku] = l.OnHand + l.Reserved + l.Sold
}

// wait for some seconds, past the lease, past a redrive, across the end of an answer.
func (m *machine) wait(rt *rapid.T) {
	m.clock.pass(rapid.SampledFrom([]time.Duration{time.Second, 6 * time.Second, 16 * time.Second, 3 * time.Minute, 25 * time.Hour}).Draw(rt, "wait"))
}

func (m *machine) check(rt *rapid.T) { m.look(rt) }

// rest lets everything that is on its way arrive, and recovery do its work, until
// nothing is left to do.
func (m *machine) rest(rt *rapid.T) {
	for len(m.asleep) > 0 {
		m.resume(rt)
	}
	for round := 0; ; round++ {
		require.Less(rt, round, 30, "P4: it does not come to rest: %v %v", m.messages, m.pending)
		m.arrive(rt)
		m.clock.pass(70 * time.Minute)
		require.NoError(rt, m.world.recover(m.ctx))
		m.look(rt)
		if len(m.messages)+len(m.pending) == 0 && !m.busy() {
			break
		}
	}
	m.look(rt)
	for id, r := range m.last.sagas {
		require.True(rt, r.State.Ended(), "P4: saga %s is %s", id, r.State)
	}
	m.audited(rt)
	for _, s := range m.sales {
		r, _ := m.world.ask(m.ctx, s[0], fine, 0)
		m.judge(rt, s[0], r)
	}
}

func (m *machine) arrive(rt *rapid.T) {
	for _, r := range m.reserves {
		_ = m.stock.Reserve(m.ctx, r)
	}
	m.reserves = nil
	for range len(m.pending) {
		require.NoError(rt, m.world.compensate(m.ctx, m.takeExecution(0)))
	}
	for range len(m.messages) {
		if next := m.takeMessage(0); m.world.deliver(m.ctx, next) != nil {
			m.back(next)
		}
	}
}

func (m *machine) busy() bool {
	for _, r := range m.last.sagas {
		if r.State == saga.Committed || !r.State.Ended() {
			return true
		}
	}
	return false
}

// audited is P7: one entry for each invoice, in a chain, and its event on the bus.
func (m *machine) audited(rt *rapid.T) {
	entries, err := m.audit.List(m.ctx, merchantID, 0, 100)
	require.NoError(rt, err)
	require.NoError(rt, audit.Verify(entries, 0, ""), "P7: the chain")
	require.Len(rt, entries, len(m.last.invoices), "P7: an entry for each invoice")
	for _, e := range entries {
		require.Contains(rt, m.last.invoices, e.InvoiceID, "P7")
		require.True(rt, m.events[e.SagaID+"."+events.InvoiceCreated], "P7: the event of %s", e.SagaID)
	}
}
