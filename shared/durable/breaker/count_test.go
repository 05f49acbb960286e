package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

// state is what the table holds.
func (f *fleet) state(t *testing.T) breaker.Snapshot {
	t.Helper()
	s, err := f.process().Read(t.Context())
	require.NoError(t, err)
	return s
}

func TestAnHourThatWentWellDoesNotOutvoteTheFirstFailures(t *testing.T) {
	f := newFleet(t)
	b := f.process()
	for range 1000 {
		require.True(t, call(t, b, true))
	}
	f.later(time.Second)
	for range 10 {
		require.True(t, call(t, b, false))
	}
	require.False(t, call(t, f.process(), true))
}

func TestPercentIsAsConfigured(t *testing.T) {
	f := newFleet(t)
	b := breaker.New(f.db, breaker.Config{Table: f.table, Name: "inventory", Percent: 90}, f.now)
	require.True(t, call(t, b, true))
	require.True(t, call(t, b, true))
	for range 17 {
		require.True(t, call(t, b, false), "17 of 19 are less than nine tenths")
	}
	require.True(t, call(t, b, false), "18 of 20")
	require.False(t, call(t, f.process(), true))
}

// TestLateResultsCountInNoOtherGeneration: calls that were let through before the
// opening come back after the closing, to processes that know of both and to others
// that know of neither; in a later window, or in the same one.
func TestLateResultsCountInNoOtherGeneration(t *testing.T) {
	for name, closing := range map[string]func(*testing.T, *fleet){
		"a probe closes it": func(t *testing.T, f *fleet) {
			t.Helper()
			f.later(30 * time.Second)
			require.True(t, call(t, f.process(), true))
		},
		"an operator closes it": func(t *testing.T, f *fleet) {
			t.Helper()
			_, err := f.process().Reset(t.Context(), "asha", "")
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			knowing := f.process()
			var late []*breaker.Permit
			for range 12 {
				for _, b := range []*breaker.Breaker{knowing, f.process()} {
					p, err := admit(t, b)
					require.NoError(t, err)
					late = append(late, p)
				}
			}
			f.open(t)
			opened := f.state(t)
			late[0].Done(t.Context(), false)
			late[1].Done(t.Context(), false)
			require.Equal(t, opened, f.state(t), "nothing counts while it is open")
			closing(t, f)
			f.later(time.Second)
			require.Equal(t, breaker.Closed, knowing.State(t.Context()).State)
			for _, p := range late[2:] {
				p.Done(t.Context(), false)
			}
			s := f.state(t)
			require.Equal(t, breaker.Closed, s.State)
			require.Zero(t, s.Calls)
			require.Zero(t, s.Failures)
		})
	}
}

// TestAClockAheadDoesNotStopTheCounting: it begins a window that the others have
// not reached. They count in it, and the breaker opens.
func TestAClockAheadDoesNotStopTheCounting(t *testing.T) {
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "behind": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			wrong := breaker.New(f.db, breaker.Config{Table: f.table, Name: "inventory"}, func() time.Time { return f.now().Add(skew) })
			require.True(t, call(t, wrong, false))
			for range 9 {
				require.True(t, call(t, f.process(), false))
			}
			_ = call(t, wrong, false) // one that is behind has lost its first
			require.Equal(t, breaker.Open, f.state(t).State)
		})
	}
}

func TestAWindowThatOnlyAWrongClockCanHaveBegunIsLeft(t *testing.T) {
	f := newFleet(t)
	wrong := breaker.New(f.db, breaker.Config{Table: f.table, Name: "inventory"}, func() time.Time { return f.now().AddDate(1, 0, 0) })
	require.True(t, call(t, wrong, false))
	f.later(time.Minute)
	f.open(t)
	require.Equal(t, breaker.Open, f.state(t).State)
}

func TestAClockThatIsSetBackDoesNotMakeAnOldStateFresh(t *testing.T) {
	f := newFleet(t)
	b := f.process()
	require.True(t, call(t, b, true))
	f.later(-time.Hour)
	require.True(t, call(t, b, true))
	require.Equal(t, []string{"GetItem", "GetItem"}, f.db.Calls())
}
