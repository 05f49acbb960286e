package issuance_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/issuance"
)

// TestCrashAnywhereIsPickedUp holds P4 and P5: the function dies after the nth write, and
// the caller does not retry.
func TestCrashAnywhereIsPickedUp(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		f := setup(t)
		seen := 0
		f.db.Hook = func(string) (bool, error) {
			seen++
			return seen <= n, errIf(seen > n)
		}
		f.services.noStateMachine = true
		_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		f.db.Hook, f.services.noStateMachine = nil, false
		f.advance(16 * time.Second)
		f.recoverAll(t)
		if err == nil {
			require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "crash after %d writes", n)
			require.Equal(t, 1, f.invoices(t))
			continue
		}
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t), "crash after %d writes", n)
		require.Zero(t, f.invoices(t), "crash after %d writes", n)
		answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		require.NoError(t, err, "the key is free again")
		require.Equal(t, 201, answer.Status)
	}
}

func errIf(dead bool) error {
	if dead {
		return dynamotest.ErrLost
	}
	return nil
}

func TestRetryResumesACrashedRun(t *testing.T) {
	t.Parallel()
	f := setup(t)
	crashed := f.begunAndReserved(t)
	f.advance(16 * time.Second) // its lease has expired
	answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, crashed, answer.SagaID, "the same saga, from where it stood")
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "reserved once")
}

// begunAndReserved leaves a saga as a crash after Reserve does.
func (f *fixture) begunAndReserved(t *testing.T) string {
	t.Helper()
	req := request(t, "A-1", "SKU", 3)
	var sagaID string
	f.services.reserve = func(ctx context.Context, do func() error) error {
		require.NoError(t, do())
		f.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
		return nil
	}
	_, err := f.issue(t.Context(), key(1), req)
	f.db.Hook, f.services.reserve = nil, nil
	sagaID = sagaOf(err)
	require.Equal(t, saga.Begun, f.state(t, sagaID))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	return sagaID
}

// TestSlowFormerOwnerIsRefused holds P9: an instance stalls between Reserve and Commit for
// longer than its lease; another one takes over and answers.
func TestSlowFormerOwnerIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var winner issuance.Result
	f.services.reserve = func(_ context.Context, do func() error) error {
		f.services.reserve = nil
		require.NoError(t, do())
		f.advance(16 * time.Second)
		var err error
		winner, err = f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		require.NoError(t, err)
		return nil
	}
	late, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, string(winner.Body), string(late.Body), "it returns the other's answer")
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
}

// TestStalledCommitAfterItsCompensation: recovery compensated the saga while its owner
// stalled. The owner's commit must not create an invoice without stock.
func TestStalledCommitAfterItsCompensation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		f.advance(25 * time.Second)
		f.recoverAll(t)
		f.services.reserve = nil
		return nil
	}
	answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it starts again, as a new saga")
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "reserved for the saga that issued")
	require.Equal(t, saga.Committed, f.state(t, answer.SagaID))
}

// TestStalledReserveAfterItsCompensation: the same, with the stall before Reserve. The
// refusal that the ended saga gets is not the answer of the key.
func TestStalledReserveAfterItsCompensation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(_ context.Context, do func() error) error {
		f.advance(25 * time.Second)
		f.recoverAll(t)
		f.services.reserve = nil
		return do()
	}
	answer, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it starts again, as a new saga")
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	require.Equal(t, saga.Committed, f.state(t, answer.SagaID))
}

func TestTwoRecoveriesAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	sagaID := f.begunAndReserved(t)
	f.advance(time.Minute)
	due, err := f.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _ = f.recoverOne(t.Context(), due[0]) })
	}
	wg.Wait()
	require.Equal(t, saga.Compensated, f.state(t, sagaID))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

// TestLateReserveIsHarmless holds P8: the inventory's answer was lost, the saga was
// compensated, and only then the reservation arrives.
func TestLateReserveIsHarmless(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var late func() error
	f.services.reserve = func(_ context.Context, do func() error) error {
		late = do
		return errors.New("timed out")
	}
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Error(t, late())
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

func TestStuckSagaIsRedrivenFromWhatFailed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.inventoryFails = true
	f.services.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		return errors.New("reply lost")
	}
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	stuck := sagaOf(err)
	require.Equal(t, saga.Stuck, f.state(t, stuck))
	_, err = f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "compensation_in_progress", codeOf(err), "the key is locked")

	found, err := f.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	f.recoverAll(t)
	again, err := f.sagas.Load(t.Context(), stuck)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, again.State)
	require.Equal(t, 1, again.Redrive, "the next run redrives it")
	f.services.inventoryFails, f.services.reserve = false, nil
	f.recoverAll(t)
	require.Equal(t, saga.Stuck, f.state(t, stuck), "the run after that waits")
	f.advance(31 * time.Second)
	f.recoverAll(t)
	require.Equal(t, saga.Compensated, f.state(t, stuck))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}
