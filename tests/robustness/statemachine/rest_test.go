package statemachine_test

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
)

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
