package issuance_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
)

// TestClocksThatDisagree: an instance whose clock is two minutes off meets one that
// is in the middle of a request. Ahead, it takes the running lease for over; behind,
// it takes an ended one for running. Either way one invoice is issued.
func TestClocksThatDisagree(t *testing.T) {
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "behind": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			other := w.beside(skew)
			var wg sync.WaitGroup
			w.shop.reserve = func(_ context.Context, do func() error) error {
				w.shop.reserve = nil
				err := do()
				wg.Go(func() { _, _ = other.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3)) })
				time.Sleep(300 * time.Millisecond) //nolint:forbidigo // the other has its turn
				return err
			}
			_, _ = w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
			wg.Wait()
			w.later(20 * time.Minute)
			w.recoverAll(t)
			answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
			require.NoError(t, err)
			require.Equal(t, saga.Committed, w.endOf(t, answer.SagaID))
			require.Equal(t, 1, w.invoices(t))
			require.Equal(t, [3]int{7, 3, 0}, w.books(t))
		})
	}
}

// TestRecoveryWhoseClockIsAhead abandons a request that is still running and undoes
// it: its commit is refused, and it begins again, as a retry would.
func TestRecoveryWhoseClockIsAhead(t *testing.T) {
	w := newWorld(t)
	ahead := w.beside(2 * time.Minute)
	w.shop.reserve = func(_ context.Context, do func() error) error {
		w.shop.reserve = nil
		err := do()
		ahead.recoverAll(t)
		return err
	}
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Nil(t, w.shop.reserve, "it was abandoned in the middle")
	require.Equal(t, 1, w.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, w.books(t))
	again, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, answer.Body, again.Body)
}

// beside is another instance on the same tables, whose clock is off by skew.
func (w *world) beside(skew time.Duration) *world {
	o := &world{tables: w.tables, ahead: skew}
	o.use(w.db.Client)
	return o
}

// endOf reads a saga, which is committed once it is audited and published, too.
func (w *world) endOf(t *testing.T, sagaID string) saga.State {
	t.Helper()
	s := w.state(t, sagaID)
	if s == saga.Completed {
		return saga.Committed
	}
	return s
}
