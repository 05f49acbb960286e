package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

// move is a call for one and the same saga.
type move struct {
	name string
	do   func(warehouse) string
}

func moves() []move {
	return []move{
		{"reserve", reserve(2, "A", "B", "C", "D", "E")},
		{"reserve, out of stock", reserve(2, "A", "B", "C", "D", "Z")},
		{"release", release},
		{"restock", func(w warehouse) string {
			_, err := w.SetOnHand(ctx, merchant, "Z", 100)
			return said(err)
		}},
	}
}

// Between any two calls that one delivery makes to the database, other deliveries
// run from beginning to end. Whatever they do, the answers must be true when all
// is over: reserved means held, refused and released mean that nothing is.
func TestEveryInterleaving(t *testing.T) {
	w := newWarehouse(t)
	for _, chunk := range []int{98, 2} {
		for _, a := range moves()[:3] {
			for _, between := range sequences() {
				t.Run(fmt.Sprintf("%d a chunk/%s/%s", chunk, a.name, label(between)), func(t *testing.T) {
					w := w.inChunksOf(chunk)
					for at := 0; w.interleaved(t, a, between, at); at++ {
						continue
					}
				})
			}
		}
	}
}

// sequences are what may happen in between.
func sequences() [][]move {
	m := moves()
	same, other, release, restock := m[0], m[1], m[2], m[3]
	return [][]move{
		{same},
		{release},
		{restock, other},
		{restock, same},
		{restock, release},
		{same, release},
		{release, same},
		{other, release},
	}
}

func label(ms []move) string {
	var names []string
	for _, m := range ms {
		names = append(names, m.name)
	}
	return strings.Join(names, ", ")
}

// interleaved runs the others before call number at of a; false when a makes
// fewer calls.
func (w warehouse) interleaved(t *testing.T, a move, others []move, at int) bool {
	t.Helper()
	prepared()(t, w)
	answers := map[string][]string{}
	calls, struck := 0, false
	w.db.set(func(string) (bool, error) {
		calls++
		if calls-1 == at {
			struck = true
			w.db.set(healthy)
			for _, m := range others {
				answers[m.name] = append(answers[m.name], m.do(w))
			}
		}
		return true, nil
	})
	last := a.do(w)
	w.db.set(healthy)
	answers[a.name] = append(answers[a.name], last)
	if struck {
		w.requireTrue(t, answers, fmt.Sprintf("before call %d: %v", at, answers))
	}
	return struck
}

func (w warehouse) requireTrue(t *testing.T, answers map[string][]string, what string) {
	t.Helper()
	total := map[string]money.Quantity{"A": 10, "B": 10, "C": 10, "D": 10, "E": 10}
	states := w.requireBalance(t, total).states["s"]
	released := slices.Contains(answers["release"], "releaseddone") || slices.Contains(answers["release"], "nothing_to_releasedone")
	for _, name := range []string{"reserve", "reserve, out of stock"} {
		for _, answer := range answers[name] {
			switch {
			case answer == "done" && !released:
				require.NotContains(t, states, "RELEASED", what)
			case strings.HasPrefix(answer, "refused"):
				require.NotContains(t, states, "RESERVED", what)
			default:
				require.Contains(t, []string{"done", "reservation_mismatch"}, answer, what)
			}
		}
	}
	if released {
		require.NotContains(t, states, "RESERVED", what)
	}
}
