package issuance_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
)

// TestClocksThatDisagree: an instance whose clock is two minutes off meets one that is in
// the middle of a request. A clock ahead sees the running lease as expired; a clock behind
// sees an expired one as running. Either way one invoice is issued.
func TestClocksThatDisagree(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "behind": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			other := f.instance(skew)
			var wg sync.WaitGroup
			f.services.reserve = func(_ context.Context, do func() error) error {
				f.services.reserve = nil
				err := do()
				wg.Go(func() { _, _ = other.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3)) })
				time.Sleep(300 * time.Millisecond) //nolint:forbidigo // the other one runs
				return err
			}
			_, _ = f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
			wg.Wait()
			f.advance(20 * time.Minute)
			f.recoverAll(t)
			answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
			require.NoError(t, err)
			require.Equal(t, saga.Committed, f.endOf(t, answer.SagaID))
			require.Equal(t, 1, f.invoices(t))
			require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
		})
	}
}

// TestRecoveryWhoseClockIsAhead compensates a request that is still running: its commit is
// refused, and it starts again, as a retry does.
func TestRecoveryWhoseClockIsAhead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ahead := f.instance(2 * time.Minute)
	f.services.reserve = func(_ context.Context, do func() error) error {
		f.services.reserve = nil
		err := do()
		ahead.recoverAll(t)
		return err
	}
	answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Nil(t, f.services.reserve, "it was abandoned in the middle")
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	again, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, answer.Body, again.Body)
}

// instance returns another instance on the same tables, with a clock that is off by skew.
func (f *fixture) instance(skew time.Duration) *fixture {
	o := &fixture{tables: f.tables, ahead: skew}
	o.connect(f.db.Client)
	return o
}

// endOf returns the state of a saga, COMMITTED also once it is completed.
func (f *fixture) endOf(t *testing.T, sagaID string) saga.State {
	t.Helper()
	s := f.state(t, sagaID)
	if s == saga.Completed {
		return saga.Committed
	}
	return s
}
