package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

func TestOldSuccessesDoNotOutvoteTheFirstFailures(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.process()
	for range 1000 {
		require.True(t, call(t, b, true))
	}
	f.advance(time.Second)
	for range 10 {
		require.True(t, call(t, b, false))
	}
	require.False(t, call(t, f.process(), true))
}

func TestPercentIsConfigurable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.with(breaker.Config{Percent: 90})
	require.True(t, call(t, b, true))
	require.True(t, call(t, b, true))
	for range 17 {
		require.True(t, call(t, b, false), "17 of 19 are less than nine tenths")
	}
	require.True(t, call(t, b, false), "18 of 20")
	require.False(t, call(t, f.process(), true))
}

// TestLateResultsCountInNoOtherGeneration ends calls after the breaker has opened and closed
// again, in processes that have read these changes and in others that have not.
func TestLateResultsCountInNoOtherGeneration(t *testing.T) {
	t.Parallel()
	for name, closeIt := range map[string]func(*testing.T, *fixture){
		"a probe closes it": func(t *testing.T, f *fixture) {
			t.Helper()
			f.advance(30 * time.Second)
			require.True(t, call(t, f.process(), true))
		},
		"an operator closes it": func(t *testing.T, f *fixture) {
			t.Helper()
			_, err := f.process().Reset(t.Context(), "asha", "")
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			informed := f.process()
			var late []*breaker.Permit
			for range 12 {
				for _, b := range []*breaker.Breaker{informed, f.process()} {
					p, err := acquire(t, b)
					require.NoError(t, err)
					late = append(late, p)
				}
			}
			f.open(t)
			opened := f.state(t)
			late[0].RecordFailure(t.Context())
			late[1].RecordFailure(t.Context())
			require.Equal(t, opened, f.state(t), "no result counts while the breaker is open")
			closeIt(t, f)
			f.advance(time.Second)
			require.Equal(t, breaker.Closed, informed.State(t.Context()).State)
			for _, p := range late[2:] {
				p.RecordFailure(t.Context())
			}
			s := f.state(t)
			require.Equal(t, breaker.Closed, s.State)
			require.Zero(t, s.Calls)
			require.Zero(t, s.Failures)
		})
	}
}

// TestAClockAheadDoesNotStopTheCounting has a process begin a window that the others have not
// reached. They count in it, and the breaker opens.
func TestAClockAheadDoesNotStopTheCounting(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "behind": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			wrong := breaker.New(f.db, f.config(breaker.Config{}), func() time.Time { return f.now().Add(skew) })
			require.True(t, call(t, wrong, false))
			for range 9 {
				require.True(t, call(t, f.process(), false))
			}
			_ = call(t, wrong, false) // the first failure of a clock behind is not in the window
			require.Equal(t, breaker.Open, f.state(t).State)
		})
	}
}

func TestAWindowOfAWrongClockIsReplaced(t *testing.T) {
	t.Parallel()
	f := setup(t)
	wrong := breaker.New(f.db, f.config(breaker.Config{}), func() time.Time { return f.now().AddDate(1, 0, 0) })
	require.True(t, call(t, wrong, false))
	f.advance(time.Minute)
	f.open(t)
	require.Equal(t, breaker.Open, f.state(t).State)
}

func TestAClockSetBackDoesNotMakeACachedStateFresh(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.process()
	require.True(t, call(t, b, true))
	f.advance(-time.Hour)
	require.True(t, call(t, b, true))
	require.Equal(t, []string{"GetItem", "GetItem"}, f.db.Calls())
}
