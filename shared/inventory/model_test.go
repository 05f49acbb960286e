package inventory_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// model is the specification of the store as a few maps.
type model struct {
	f       fixture
	counted map[string]money.Quantity            // the sum of a SKU's columns
	orders  map[string]map[string]money.Quantity // by saga and SKU
	states  map[string]string                    // RESERVED, RELEASED, SOLD, unsure after a crash, or none
}

const unsure = "unsure"

func modelSKUs() []string { return []string{"A", "B", "C", "D"} }

// Random sagas reserve, release and confirm, repeatedly and in any order, while writes and
// replies are lost and processes crash. After every step the books balance, and the store
// returns what the model returns.
func TestModel(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, f)
		rt.Repeat(map[string]func(*rapid.T){
			"reserve": m.reserve, "release": m.release, "confirm": m.confirm, "count": m.count, "": m.check,
		})
	})
}

func newModel(rt *rapid.T, f fixture) *model {
	m := &model{f, map[string]money.Quantity{}, map[string]map[string]money.Quantity{}, map[string]string{}}
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
	return m
}

func (m *model) saga(rt *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.orders))).Draw(rt, "saga")
}

// onHand returns what the model has on hand. It is known only while all states are.
func (m *model) onHand() (onHand map[string]money.Quantity, known bool) {
	onHand = maps.Clone(m.counted)
	for saga, state := range m.states {
		if state == unsure {
			return nil, false
		}
		if state == "RESERVED" || state == "SOLD" {
			for sku, q := range m.orders[saga] {
				onHand[sku] -= q
			}
		}
	}
	return onHand, true
}

func (m *model) reserve(rt *rapid.T) {
	saga := m.saga(rt)
	r := inventory.Reservation{SagaID: saga, MerchantID: merchant}
	for sku, q := range m.orders[saga] {
		r.Lines = append(r.Lines, gst.StockLine{SKU: sku, Quantity: q})
	}
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
	onHand, known := m.onHand()
	if !known {
		return unsure
	}
	for sku, q := range m.orders[saga] {
		if q > onHand[sku] {
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
	if m.states[saga] == "SOLD" {
		require.Equal(rt, "already_sold", code(err))
		return
	}
	if m.states[saga] == unsure && code(err) == "already_sold" {
		require.NoError(rt, m.f.Confirm(ctx, saga), "an unfinished sale can be finished")
		m.states[saga] = "SOLD"
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
	switch state := m.states[saga]; state {
	case unsure:
		return // check holds whatever the outcome; a later call determines the state
	case "RELEASED":
		require.Equal(rt, "sold_after_release", code(err))
	default:
		require.NoError(rt, err)
		if state == "RESERVED" {
			m.states[saga] = "SOLD"
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

// setUnsure records a crash. A final state stays.
func (m *model) setUnsure(saga string) {
	if s := m.states[saga]; s != "SOLD" && s != "RELEASED" {
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
	onHand, known := m.onHand()
	for sku, q := range onHand {
		require.True(rt, !known || l.levels[sku][0] == q, "on hand of %s: %v, the model has %v", sku, l.levels[sku], q)
	}
}
