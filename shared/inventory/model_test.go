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

// shop is what the store should be, in a few maps: what was counted, what each
// saga ordered and how far it has come.
type shop struct {
	w       warehouse
	counted map[string]money.Quantity // the sum of a SKU's columns
	orders  map[string]map[string]money.Quantity
	states  map[string]string // none, RESERVED, RELEASED, SOLD; or unsure, after a crash
}

const unsure = "unsure"

func shelves() []string { return []string{"A", "B", "C", "D"} }

// Random sagas reserve, release and confirm, again and again and in any order,
// while calls are lost, replies are lost and processes die. After every step the
// books balance, and the store answers as the model does.
func TestModel(t *testing.T) {
	w := newWarehouse(t).inChunksOf(2)
	rapid.Check(t, func(rt *rapid.T) {
		m := open(rt, w)
		rt.Repeat(map[string]func(*rapid.T){
			"reserve": m.reserve, "release": m.release, "confirm": m.confirm, "count": m.count, "": m.check,
		})
	})
}

func open(rt *rapid.T, w warehouse) *shop {
	m := &shop{w, map[string]money.Quantity{}, map[string]map[string]money.Quantity{}, map[string]string{}}
	for _, sku := range shelves() {
		m.counted[sku] = money.Quantity(rapid.Int64Range(1, 12).Draw(rt, "stock"))
	}
	w.restart(rt, m.counted)
	line := rapid.MapOfN(rapid.SampledFrom(shelves()), rapid.Custom(func(rt *rapid.T) money.Quantity {
		return money.Quantity(rapid.Int64Range(1, 6).Draw(rt, "quantity"))
	}), 1, 4)
	for i := range 4 {
		m.orders[fmt.Sprintf("s%d", i)] = line.Draw(rt, "order")
	}
	return m
}

func (m *shop) saga(rt *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.orders))).Draw(rt, "saga")
}

// free is what the model has on hand. It knows only while it is sure of all sagas.
func (m *shop) free() (map[string]money.Quantity, bool) {
	free := maps.Clone(m.counted)
	for saga, state := range m.states {
		if state == unsure {
			return nil, false
		}
		if state == "RESERVED" || state == "SOLD" {
			for sku, q := range m.orders[saga] {
				free[sku] -= q
			}
		}
	}
	return free, true
}

func (m *shop) reserve(rt *rapid.T) {
	saga := m.saga(rt)
	r := inventory.Reservation{SagaID: saga, MerchantID: merchant}
	for sku, q := range m.orders[saga] {
		r.Lines = append(r.Lines, gst.StockLine{SKU: sku, Quantity: q})
	}
	var err error
	if m.disturbed(rt, func() { err = m.w.Reserve(ctx, r) }) {
		m.doubt(saga)
		return
	}
	want := m.afterReserve(saga)
	if want == unsure {
		want = m.found(rt, saga)
	}
	require.Equal(rt, want == "RELEASED", err != nil, "%s is %s: %v", saga, want, err)
	m.states[saga] = want
}

// found is what a saga's barriers say, if all say the same.
func (m *shop) found(rt *rapid.T, saga string) string {
	chunks := strings.Fields(m.w.ledger(rt).states[saga])
	if slices.Contains(chunks, "RELEASED") {
		require.NotContains(rt, chunks, "RESERVED", "a refusal leaves nothing behind")
	}
	if chunks = slices.Compact(chunks); len(chunks) == 1 {
		return chunks[0]
	}
	return unsure
}

// afterReserve is the state that the model goes to.
func (m *shop) afterReserve(saga string) string {
	if state := m.states[saga]; state != "" {
		return state
	}
	free, sure := m.free()
	if !sure {
		return unsure
	}
	for sku, q := range m.orders[saga] {
		if q > free[sku] {
			return "RELEASED"
		}
	}
	return "RESERVED"
}

func (m *shop) release(rt *rapid.T) {
	saga := m.saga(rt)
	var err error
	if m.disturbed(rt, func() { _, err = m.w.Release(ctx, saga, merchant) }) {
		m.doubt(saga)
		return
	}
	if m.states[saga] == "SOLD" {
		require.Equal(rt, "already_sold", code(err))
		return
	}
	if m.states[saga] == unsure && code(err) == "already_sold" {
		require.NoError(rt, m.w.Confirm(ctx, saga), "a sale that has begun can be finished")
		m.states[saga] = "SOLD"
		return
	}
	require.NoError(rt, err)
	m.states[saga] = "RELEASED"
}

func (m *shop) confirm(rt *rapid.T) {
	saga := m.saga(rt)
	var err error
	if m.disturbed(rt, func() { err = m.w.Confirm(ctx, saga) }) {
		m.doubt(saga)
		return
	}
	switch state := m.states[saga]; state {
	case unsure:
		return // whatever it finds, the books balance; a later call tells
	case "RELEASED":
		require.Equal(rt, "sold_after_release", code(err))
	default:
		require.NoError(rt, err)
		if state == "RESERVED" {
			m.states[saga] = "SOLD"
		}
	}
}

func (m *shop) count(rt *rapid.T) {
	sku := rapid.SampledFrom(shelves()).Draw(rt, "sku")
	n := money.Quantity(rapid.Int64Range(0, 12).Draw(rt, "count"))
	level, err := m.w.SetOnHand(ctx, merchant, sku, n)
	require.NoError(rt, err)
	require.Equal(rt, n, level.OnHand)
	m.counted[sku] = level.OnHand + level.Reserved + level.Sold
}

// doubt: after a crash a state that was final still is.
func (m *shop) doubt(saga string) {
	if s := m.states[saga]; s != "SOLD" && s != "RELEASED" {
		m.states[saga] = unsure
	}
}

// disturbed makes a call whose writes meet faults; true when it crashed.
func (m *shop) disturbed(rt *rapid.T, call func()) (crashed bool) {
	kind := rapid.SampledFrom([]string{"fine", "fine", "lost", "reply lost", "conflict", "crash"}).Draw(rt, "fault")
	at := rapid.IntRange(0, 2).Draw(rt, "at")
	if kind == "crash" {
		landed := rapid.Bool().Draw(rt, "landed")
		m.w.crashAt(at, landed, func(warehouse) string { call(); return "" })
		return true
	}
	f := map[string]fault{"lost": {err: errLost}, "reply lost": {apply: true, err: errLost}, "conflict": {err: errConflict}}[kind]
	n := 0
	m.w.db.set(faultAt(map[int]fault{at: f}, &n))
	defer m.w.db.set(healthy)
	call()
	return false
}

func (m *shop) check(rt *rapid.T) {
	l := m.w.requireBalance(rt, m.counted)
	for saga, state := range m.states {
		for chunk := range strings.FieldsSeq(l.states[saga]) {
			if state != unsure {
				require.Equal(rt, state, chunk, saga)
			}
		}
	}
	free, sure := m.free()
	for sku, q := range free {
		require.True(rt, !sure || l.books[sku][0] == q, "on hand of %s: %v, the model has %v", sku, l.books[sku], q)
	}
}
