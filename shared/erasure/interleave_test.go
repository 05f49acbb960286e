package erasure_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/retention"
)

// at does something once, before the nth call of the fixture's store to the database. reached reports
// whether there was one.
func (f *fixture) at(nth int, do func()) (reached func() bool) {
	f.db.calls, f.db.before = 0, func(call int) {
		if call == nth {
			do()
		}
	}
	return func() bool { return f.db.calls >= nth }
}

// TestErasureAgainstHold puts a hold before each call of an erasure to the database, and the other
// way round. The key that is there when the hold is acknowledged stays, and the erasure says so.
func TestErasureAgainstHold(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"a hold during an erasure": false, "an erasure during a hold": true} {
		for law, now := range map[retention.Law]time.Time{retention.GDPR: before, retention.DPDP: after} {
			t.Run(name+", "+string(law), func(t *testing.T) {
				t.Parallel()
				won := map[bool]int{}
				for nth, reached := 1, true; reached; nth++ {
					f := setup(t, now)
					f.give(t, "s1")
					erased, keptAtAck, isReached := f.race(t, law, nth, first)
					reached = isReached
					f.setClock(now.AddDate(5, 0, 0))
					require.Equal(t, keptAtAck, f.keyOf(t, "s1"), "call %d: a hold was acknowledged", nth)
					won[erased]++
				}
				require.NotZero(t, won[true], "the erasure was first")
				require.NotZero(t, won[false], "the hold was first")
			})
		}
	}
}

// race runs an erasure and a hold, one of them before the nth call of the other. It reports whether the
// erasure was accepted, and returns the key that was there when the hold was acknowledged.
func (f *fixture) race(
	t *testing.T, law retention.Law, nth int, holdFirst bool,
) (erased bool, kept string, reached bool) {
	t.Helper()
	put := func(s *erasure.Store) {
		_, err := s.PutHold(t.Context(), merchantID, hold("h", "s1"))
		require.NoError(t, err)
		kept = f.keyOf(t, "s1")
	}
	erase := func(s *erasure.Store) {
		_, err := s.Erase(t.Context(), request(law, f.now(), "s1"))
		if erased = err == nil; !erased {
			require.ErrorIs(t, err, isProblem("under_hold"))
			return
		}
	}
	one, two := erase, put
	if holdFirst {
		one, two = put, erase
	}
	quiet := f.undisturbed()
	done := f.at(nth, func() { two(quiet) })
	one(f.Store)
	f.db.before = nil
	if !done() {
		two(quiet)
	}
	return erased, kept, done()
}

// TestAnErasureWhoseHoldWasLiftedHalfWay is due again once it is read: its client did not repeat.
func TestAnErasureWhoseHoldWasLiftedHalfWay(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1"))
	require.NoError(t, err)
	_, err = f.PutHold(t.Context(), merchantID, hold("h"))
	require.NoError(t, err)
	ctx, crash := context.WithCancel(t.Context())
	reached := f.at(4, crash) // after the version, the holds and the transaction
	require.Error(t, f.LiftHold(ctx, merchantID, "h", "cl_1"))
	require.True(t, reached())
	f.db.before = nil
	holds, err := f.Holds(t.Context(), merchantID)
	require.NoError(t, err)
	require.Empty(t, holds)
	require.Zero(t, f.ends(t, "s1"))
	got, err := f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.Equal(t, e, got)
	require.Equal(t, e.EffectiveAt.Unix(), f.ends(t, "s1"))
}

// TestCrashes stops an erasure, a hold and its end before each call to the database, and calls again:
// the outcome is that of one call.
func TestCrashes(t *testing.T) {
	t.Parallel()
	for nth, reached := 1, true; reached; nth++ {
		f := setup(t, after)
		f.give(t, "s1")
		for _, do := range []func(ctx context.Context) error{
			func(ctx context.Context) error {
				_, err := f.Erase(ctx, request(retention.DPDP, after, "s1"))
				return err
			},
			func(ctx context.Context) error {
				_, err := f.PutHold(ctx, merchantID, hold("h"))
				return err
			},
			func(ctx context.Context) error { return f.LiftHold(ctx, merchantID, "h", "cl_1") },
		} {
			ctx, crash := context.WithCancelCause(t.Context())
			isReached := f.at(nth, func() { crash(errors.New("the process was killed")) })
			err := do(ctx)
			reached = reached && isReached()
			f.db.before = nil
			if isReached() {
				require.Error(t, err)
			}
			require.NoError(t, do(t.Context()))
			crash(nil)
		}
		require.Equal(t, after.AddDate(1, 0, 0).Unix(), f.ends(t, "s1"))
		require.Equal(t, []string{"buyer.erased", "hold.put", "hold.lifted"}, f.actions())
	}
}
