package breaker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

func TestForcedOpenStaysOpenUntilReset(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, call(t, f.process(), true))
	s, err := f.process().Force(t.Context(), breaker.Open, "asha", "stock take")
	require.NoError(t, err)
	require.Equal(t, s, f.state(t))
	require.True(t, s.Forced)
	require.Equal(t, []any{"asha", "stock take", f.now().UnixMilli()}, []any{s.ChangedBy, s.Reason, s.ChangedAt})
	for range 3 {
		f.advance(24 * time.Hour)
		_, err := acquire(t, f.process())
		var open *breaker.OpenError
		require.ErrorAs(t, err, &open, "no probe is due")
		require.LessOrEqual(t, open.RetryAfter, 30*time.Second, "it may be reset at any time")
	}
	_, err = f.process().Reset(t.Context(), "ravi", "")
	require.NoError(t, err)
	require.True(t, call(t, f.process(), true))
	require.Equal(t, "ravi", f.state(t).ChangedBy)
}

func TestForcedClosedDoesNotOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	_, err := f.process().Force(t.Context(), breaker.Closed, "asha", "the inventory is back")
	require.NoError(t, err)
	for range 20 {
		require.True(t, call(t, f.process(), false))
	}
	require.True(t, f.state(t).Forced)
	_, err = f.process().Reset(t.Context(), "asha", "")
	require.NoError(t, err)
	require.False(t, f.state(t).Forced)
	f.open(t)
	require.False(t, call(t, f.process(), true), "it counts again, from zero")
	require.Equal(t, breaker.Automatic, f.state(t).ChangedBy)
}

func TestAProbeDoesNotOverrideAnOperator(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	f.advance(30 * time.Second)
	probe, err := acquire(t, f.process())
	require.NoError(t, err)
	require.True(t, probe.Probe())
	_, err = f.process().Force(t.Context(), breaker.Open, "asha", "")
	require.NoError(t, err)
	probe.RecordSuccess(t.Context())
	require.Equal(t, breaker.Open, f.state(t).State)
}

func TestForceErrors(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.process().Force(t.Context(), "AJAR", "asha", "")
	require.Error(t, err)
	_, err = f.process().Force(t.Context(), breaker.Open, "", "")
	require.ErrorIs(t, err, breaker.ErrOperatorRequired)
	unavailable := errors.New("table unavailable")
	f.db.Hook = func(string) (bool, error) { return false, unavailable }
	_, err = f.process().Force(t.Context(), breaker.Open, "asha", "")
	require.ErrorIs(t, err, unavailable)
}
