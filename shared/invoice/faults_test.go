package invoice_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/dynamo/dynamotest"
)

// fault of one write: which, from 1, and how it fails.
type fault struct {
	at  int
	how string // "lost", "reply lost", "crash before", "crash after"
}

// hook faults the writes that it is told; a crash takes every later write with it,
// as the end of the process does.
func hook(faults []fault) (func(string) (bool, error), *int) {
	seen, dead := 0, false
	return func(string) (bool, error) {
		seen++
		if dead {
			return false, dynamotest.ErrLost
		}
		for _, f := range faults {
			if f.at != seen {
				continue
			}
			dead = f.how == "crash before" || f.how == "crash after"
			return f.how == "reply lost" || f.how == "crash after", dynamotest.ErrLost
		}
		return true, nil
	}, &seen
}

// scenarios are requests whose first run meets the faults.
func scenarios() map[string]func(*testing.T, *world) {
	return map[string]func(*testing.T, *world){
		"a sale":       func(*testing.T, *world) {},
		"number taken": take,
		"no answer of the inventory": func(t *testing.T, w *world) {
			t.Helper()
			w.shop.reserve = func(_ context.Context, do func() error) error {
				w.shop.reserve = nil
				require.NoError(t, do())
				return dynamotest.ErrLost
			}
		},
	}
}

// take gives the number of the request to another invoice.
func take(t *testing.T, w *world) {
	t.Helper()
	_, err := w.issuer.Issue(t.Context(), key(99), request(t, "A-1", "", 1))
	require.NoError(t, err)
}

// TestEveryFaultAndEveryPair makes each write of a request fail in each way, alone
// and with each later one; then time passes, recovery runs, and the same key is
// tried once more. The writes are counted, not listed: a new one is covered by being
// made. A failing case prints the command that replays it.
func TestEveryFaultAndEveryPair(t *testing.T) {
	t.Parallel()
	ways := []string{"lost", "reply lost", "crash before", "crash after"}
	for name, prepare := range scenarios() {
		for first := 1; first <= countWrites(t, prepare); first++ {
			for _, how := range ways {
				one := fault{first, how}
				t.Run(fmt.Sprintf("%s/%d %s", name, one.at, one.how), func(t *testing.T) { withFaults(t, prepare, one) })
				if how == "crash before" || how == "crash after" {
					continue // nothing follows a crash
				}
				for _, then := range ways {
					two := fault{first + 1, then}
					t.Run(fmt.Sprintf("%s/%d %s, %d %s", name, one.at, one.how, two.at, two.how),
						func(t *testing.T) { withFaults(t, prepare, one, two) })
				}
			}
		}
	}
}

// countWrites of the scenario when nothing fails.
func countWrites(t *testing.T, prepare func(*testing.T, *world)) int {
	t.Helper()
	w := newWorld(t)
	prepare(t, w)
	var seen *int
	w.db.Hook, seen = hook(nil)
	_, _ = w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	return *seen
}

func withFaults(t *testing.T, prepare func(*testing.T, *world), faults ...fault) {
	t.Helper()
	t.Parallel()
	w := newWorld(t)
	prepare(t, w)
	before := w.invoices(t)
	w.db.Hook, _ = hook(faults)
	first, firstErr := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	w.db.Hook, w.shop.reserve = nil, nil

	w.later(20 * time.Minute)
	w.recoverAll(t)
	w.balanced(t, before, firstErr == nil)
	again, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	if firstErr == nil {
		require.NoError(t, err)
		require.Equal(t, string(first.Body), string(again.Body), "what was answered once is answered again")
	}
	if err == nil {
		require.Equal(t, before+1, w.invoices(t))
		require.Equal(t, [3]int{7, 3, 0}, w.books(t))
		return
	}
	require.Equal(t, "invoice_number_taken", codeOf(err), "the only thing that can still be wrong")
	w.recoverAll(t)
	w.balanced(t, before, false)
}

// balanced: what was recovered is whole, or nothing.
func (w *world) balanced(t *testing.T, before int, answered bool) {
	t.Helper()
	issued := w.invoices(t) - before
	require.Equal(t, [3]int{10 - 3*issued, 3 * issued, 0}, w.books(t), "%d issued", issued)
	if answered {
		require.Equal(t, 1, issued, "an invoice that was answered exists")
	}
	stuck, err := w.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, stuck)
	due, err := w.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due, "every saga has ended")
}
