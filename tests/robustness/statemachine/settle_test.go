package statemachine_test

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/durable/saga"
)

// settle delivers everything in flight and runs recovery until nothing is left to do. Then
// it checks that all sagas have ended and are audited.
func (m *machine) settle(rt *rapid.T) {
	for len(m.stalled) > 0 {
		m.resume(rt)
	}
	for round := 0; ; round++ {
		require.Less(rt, round, 30, "P4: the system does not settle: %v %v", m.messages, m.pending)
		m.deliverAll(rt)
		m.clock.advance(70 * time.Minute)
		require.NoError(rt, m.fixture.recover(m.ctx))
		m.check(rt)
		switch {
		case len(m.messages)+len(m.pending) > 0:
		case !m.busy():
			m.requireSettled(rt)
			return
		default: // the message of an accepted request was lost
			m.clock.advance(14 * 24 * time.Hour)
		}
	}
}

// requireSettled checks a system in which nothing is left to do.
func (m *machine) requireSettled(rt *rapid.T) {
	m.check(rt)
	for id, r := range m.last.sagas {
		require.True(rt, r.State.Ended(), "P4: saga %s is %s", id, r.State)
	}
	m.requireAudit(rt)
	for _, s := range m.sales {
		r, _ := m.fixture.create(m.ctx, s[0], none, 0)
		m.judge(rt, s[0], r)
	}
}

// deliverAll delivers all late invocations, executions and messages once.
func (m *machine) deliverAll(rt *rapid.T) {
	for _, r := range m.reserves {
		_ = m.stock.Reserve(m.ctx, r)
	}
	m.reserves = nil
	for range len(m.pending) {
		require.NoError(rt, m.fixture.compensate(m.ctx, m.takeExecution(0)))
	}
	for range len(m.messages) {
		if next := m.takeMessage(0); m.fixture.deliver(m.ctx, next) != nil {
			m.send(next)
		}
	}
}

// busy reports whether a saga has not ended or awaits its completion.
func (m *machine) busy() bool {
	for _, r := range m.last.sagas {
		if r.State == saga.Committed || !r.State.Ended() {
			return true
		}
	}
	return false
}

// requireAudit checks P7: one entry per invoice, and its event on the bus.
func (m *machine) requireAudit(rt *rapid.T) {
	entries, err := audittest.All(m.ctx, m.audit)
	require.NoError(rt, err)
	want := len(m.last.invoices)
	for _, inv := range m.last.invoices {
		if inv.Cancellation != nil {
			want++
		}
	}
	require.Len(rt, entries, want, "P7: one entry per invoice and cancellation")
	for _, e := range entries {
		require.Contains(rt, m.last.invoices, e.InvoiceID, "P7")
		require.True(rt, m.events[e.ID+"."+e.Action], "P7: the event of %s", e.ID)
	}
}
