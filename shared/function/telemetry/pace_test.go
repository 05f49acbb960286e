package telemetry_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/resilience"
)

// run ends n invocations of a process at a constant pace, each of which records one saga, and returns how
// many lines they wrote.
func (f fixture) run(t *testing.T, n int, every time.Duration) int {
	t.Helper()
	before := len(f.out.lines())
	for range n {
		telemetry.Add(f.ctx, metric.SagaStarted, 1)
		require.NoError(t, f.EndInvocation(t.Context(), false))
		require.NoError(t, resilience.Sleep(t.Context(), every))
		synctest.Wait()
	}
	return len(f.out.lines()) - before
}

// sagas returns how many sagas the lines count.
func (f fixture) sagas(t *testing.T) (sum int64) {
	t.Helper()
	for _, d := range f.deltas(t) {
		n, err := d.Value.Int64()
		require.NoError(t, err)
		sum += n
	}
	return sum
}

func TestAQuietProcessSendsAtEachEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		require.Equal(t, 30, f.run(t, 30, 120*time.Millisecond), "eight a second")
		require.Equal(t, 20, f.run(t, 20, 0), "a burst")
		require.NoError(t, resilience.Sleep(t.Context(), 2*time.Second))
		require.Equal(t, 1, f.run(t, 1, 0), "the burst is over")
	})
}

func TestABusyProcessSendsOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		require.Equal(t, 20, f.run(t, 20, 50*time.Millisecond), "the first second shows that it is busy")
		require.Equal(t, 10, f.run(t, 200, 50*time.Millisecond))
		require.EqualValues(t, 220, f.sagas(t), "nothing is lost")
		require.Zero(t, f.run(t, 5, 0))
		require.NoError(t, resilience.Sleep(t.Context(), time.Second))
		synctest.Wait()
		require.EqualValues(t, 225, f.sagas(t), "without another invocation")
	})
}

func TestABusyProcessSendsAFailureAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		f.run(t, 25, 50*time.Millisecond)
		require.NoError(t, f.EndInvocation(t.Context(), true))
		require.EqualValues(t, 25, f.sagas(t))
		require.NoError(t, resilience.Sleep(t.Context(), 10*time.Second))
		require.EqualValues(t, 25, f.sagas(t), "once")
	})
}

func TestTheNextEndReportsALossBetweenEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, full := setup(t), errors.New("the disk is full")
		f.run(t, 20, 50*time.Millisecond)
		f.run(t, 5, 0)
		f.out.fail(full)
		require.NoError(t, resilience.Sleep(t.Context(), time.Second))
		synctest.Wait()
		f.out.fail(nil)
		require.ErrorIs(t, f.EndInvocation(t.Context(), false), full)
		require.NoError(t, f.EndInvocation(t.Context(), false), "once")
	})
}
