package inventory_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// model is the specification of the store as a few maps.
type model struct {
	f       fixture
	counted map[string]money.Quantity            // the sum of a SKU's columns
	orders  map[string]map[string]money.Quantity // by saga and SKU
	returns map[string]bool                      // by saga: its goods come back
	states  map[string]string                    // of the barrier, unsure after a crash, or none
}

const unsure = "unsure"

func modelSKUs() []string { return []string{"A", "B", "C", "D"} }

// Random sagas of sales and returns reserve, release and confirm, repeatedly and in any order, while SKUs are split
// and merged, writes and replies are lost and processes crash. After every step the books balance, and the store
// returns what the model returns.
func TestModel(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, f)
		rt.Repeat(map[string]func(*rapid.T){
			"reserve": m.reserve, "release": m.release, "confirm": m.confirm, "confirm all": m.confirmAll,
			"count": m.count, "split": m.split, "merge": m.merge, "": m.check,
		})
	})
}

func newModel(rt *rapid.T, f fixture) *model {
	m := &model{
		f, map[string]money.Quantity{}, map[string]map[string]money.Quantity{}, map[string]bool{}, map[string]string{},
	}
	for _, sku := range modelSKUs() {
		m.counted[sku] = money.Quantity(rapid.Int64Range(1, 12).Draw(rt, "stock"))
	}
	f.restart(rt, m.counted)
	line := rapid.MapOfN(rapid.SampledFrom(modelSKUs()), rapid.Custom(func(rt *rapid.T) money.Quantity {
		return money.Quantity(rapid.Int64Range(1, 6).Draw(rt, "quantity"))
	}), 1, 4)
	for i := range 4 {
		m.orders[fmt.Sprintf("s%d", i)] = line.Draw(rt, "order")
	}
	for i := range 2 { // of one unit of each SKU of an order
		saga := fmt.Sprintf("r%d", i)
		m.orders[saga], m.returns[saga] = maps.Clone(m.orders[fmt.Sprintf("s%d", i)]), true
		for sku := range m.orders[saga] {
			m.orders[saga][sku] = 1
		}
	}
	m.sell(rt, "s0")
	return m
}

// sell reserves and confirms a saga's order, so that it can come back.
func (m *model) sell(rt *rapid.T, saga string) {
	want := m.stateAfterReserve(saga)
	require.Equal(rt, want == "RELEASED", m.f.Reserve(ctx, m.reservation(saga)) != nil)
	m.states[saga] = want
	if want == "RESERVED" {
		require.NoError(rt, m.f.Confirm(ctx, saga))
		m.states[saga] = "SOLD"
	}
}

func (m *model) reservation(saga string) inventory.Reservation {
	r := inventory.Reservation{SagaID: saga, MerchantID: merchant, Returns: m.returns[saga]}
	for sku, q := range m.orders[saga] {
		r.Lines = append(r.Lines, gst.StockLine{SKU: sku, Quantity: q})
	}
	return r
}

func (m *model) saga(rt *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.orders))).Draw(rt, "saga")
}

// levels returns what the model has on hand and sold. It is known only while all states are.
func (m *model) levels() (onHand, sold map[string]money.Quantity, known bool) {
	onHand, sold = maps.Clone(m.counted), map[string]money.Quantity{}
	for saga, state := range m.states {
		if state == unsure {
			return nil, nil, false
		}
		for sku, q := range m.orders[saga] {
			isHeld := state == "RESERVED"
			switch {
			case m.returns[saga] && (isHeld || state == "RETURNED"):
				sold[sku] -= q
			case isHeld || state == "SOLD":
				onHand[sku] -= q
			}
			switch state {
			case "RETURNED":
				onHand[sku] += q
			case "SOLD":
				sold[sku] += q
			}
		}
	}
	return onHand, sold, true
}

// confirmed returns the state of a saga's barrier after its invoice was issued.
func (m *model) confirmed(saga string) string {
	if m.returns[saga] {
		return "RETURNED"
	}
	return "SOLD"
}

func (m *model) reserve(rt *rapid.T) {
	saga := m.saga(rt)
	r := m.reservation(saga)
	var err error
	if m.callWithFault(rt, func() { err = m.f.Reserve(ctx, r) }) {
		m.setUnsure(saga)
		return
	}
	want := m.stateAfterReserve(saga)
	if want == unsure {
		want = m.stateInTable(rt, saga)
	}
	require.Equal(rt, want == "RELEASED", err != nil, "%s is %s: %v", saga, want, err)
	m.states[saga] = want
}

// stateInTable returns the state of a saga's barriers, unsure if they differ.
func (m *model) stateInTable(rt *rapid.T, saga string) string {
	chunks := strings.Fields(m.f.ledger(rt).states[saga])
	if slices.Contains(chunks, "RELEASED") {
		require.NotContains(rt, chunks, "RESERVED", "a refusal leaves nothing reserved")
	}
	if chunks = slices.Compact(chunks); len(chunks) == 1 {
		return chunks[0]
	}
	return unsure
}

// stateAfterReserve returns the state of the model after a Reserve.
func (m *model) stateAfterReserve(saga string) string {
	if state := m.states[saga]; state != "" {
		return state
	}
	available, sold, known := m.levels()
	if !known {
		return unsure
	}
	if m.returns[saga] {
		available = sold
	}
	for sku, q := range m.orders[saga] {
		if q > available[sku] {
			return "RELEASED"
		}
	}
	return "RESERVED"
}

func (m *model) release(rt *rapid.T) {
	saga := m.saga(rt)
	var err error
	if m.callWithFault(rt, func() { _, err = m.f.Release(ctx, saga, merchant) }) {
		m.setUnsure(saga)
		return
	}
	refusal := "already_" + strings.ToLower(m.confirmed(saga))
	if m.states[saga] == m.confirmed(saga) {
		require.Equal(rt, refusal, code(err))
		return
	}
	if m.states[saga] == unsure && code(err) == refusal {
		require.NoError(rt, m.f.Confirm(ctx, saga), "an unfinished sale can be finished")
		m.states[saga] = m.confirmed(saga)
		return
	}
	require.NoError(rt, err)
	m.states[saga] = "RELEASED"
}

func (m *model) confirm(rt *rapid.T) {
	saga := m.saga(rt)
	var err error
	if m.callWithFault(rt, func() { err = m.f.Confirm(ctx, saga) }) {
		m.setUnsure(saga)
		return
	}
	m.setConfirmed(rt, saga, err)
}

// confirmAll confirms all sagas together, and one of them twice.
func (m *model) confirmAll(rt *rapid.T) {
	sagas := append(slices.Sorted(maps.Keys(m.orders)), m.saga(rt))
	var results []batch.Result[struct{}]
	crashed := m.callWithFault(rt, func() { results = m.f.ConfirmAll(ctx, sagas) })
	for i, saga := range sagas {
		if crashed {
			m.setUnsure(saga)
		} else {
			m.setConfirmed(rt, saga, results[i].Err)
		}
	}
}

// setConfirmed records the result of a confirmation.
func (m *model) setConfirmed(rt *rapid.T, saga string, err error) {
	switch state := m.states[saga]; state {
	case unsure:
		return // check holds whatever the outcome; a later call determines the state
	case "RELEASED":
		require.Equal(rt, "sold_after_release", code(err))
	default:
		require.NoError(rt, err)
		if state == "RESERVED" {
			m.states[saga] = m.confirmed(saga)
		}
	}
}

func (m *model) count(rt *rapid.T) {
	sku := rapid.SampledFrom(modelSKUs()).Draw(rt, "sku")
	n := money.Quantity(rapid.Int64Range(0, 12).Draw(rt, "count"))
	level, err := m.f.SetOnHand(ctx, merchant, sku, n)
	require.NoError(rt, err)
	require.Equal(rt, n, level.OnHand)
	m.counted[sku] = level.OnHand + level.Reserved + level.Sold
}

// split and merge may fail. They change no level.
func (m *model) split(rt *rapid.T) {
	sku := rapid.SampledFrom(modelSKUs()).Draw(rt, "sku")
	portion := money.Quantity(rapid.Int64Range(1, 2).Draw(rt, "portion"))
	m.callWithFault(rt, func() { _ = m.f.Split(ctx, merchant, sku, portion) })
}

func (m *model) merge(rt *rapid.T) {
	sku := rapid.SampledFrom(modelSKUs()).Draw(rt, "sku")
	m.callWithFault(rt, func() { _ = m.f.Merge(ctx, merchant, sku) })
}

// setUnsure records a crash. A final state stays.
func (m *model) setUnsure(saga string) {
	if s := m.states[saga]; s != m.confirmed(saga) && s != "RELEASED" {
		m.states[saga] = unsure
	}
}

// callWithFault makes a call with a random fault at one of its writes, and reports whether the
// call crashed.
func (m *model) callWithFault(rt *rapid.T, call func()) (crashed bool) {
	kind := rapid.SampledFrom([]string{"fine", "fine", "lost", "reply lost", "conflict", "crash"}).Draw(rt, "fault")
	at := rapid.IntRange(0, 2).Draw(rt, "at")
	if kind == "crash" {
		landed := rapid.Bool().Draw(rt, "landed")
		m.f.crashAt(at, landed, func(fixture) string { call(); return "" })
		return true
	}
	injected := map[string]fault{
		"lost": {err: errLost}, "reply lost": {apply: true, err: errLost}, "conflict": {err: errConflict},
	}[kind]
	writes := 0
	m.f.db.set(faultAt(map[int]fault{at: injected}, &writes))
	defer m.f.db.set(healthy)
	call()
	return false
}

func (m *model) check(rt *rapid.T) {
	l := m.f.requireBalance(rt, m.counted)
	for saga, state := range m.states {
		for chunk := range strings.FieldsSeq(l.states[saga]) {
			if state != unsure {
				require.Equal(rt, state, chunk, saga)
			}
		}
	}
	onHand, sold, _ := m.levels()
	for sku, q := range onHand {
		require.Equal(rt, [2]money.Quantity{q, sold[sku]}, [2]money.Quantity{l.levels[sku][0], l.levels[sku][2]},
			"on hand and sold of %s", sku)
	}
}
