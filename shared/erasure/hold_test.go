package erasure_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/retention"
)

func TestAHoldStopsTheErasuresThatItCovers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hold  erasure.Hold
		later time.Duration
		stops bool
	}{
		"on all buyers":            {hold("h"), 0, true},
		"on this buyer":            {hold("h", "x", "s1"), 0, true},
		"on another buyer":         {hold("h", "x"), 0, false},
		"on its last day":          {erasure.Hold{ID: "h", Until: "2026-04-02"}, 33 * time.Hour, true},
		"on the day after its end": {erasure.Hold{ID: "h", Until: "2026-04-02"}, 34 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, before)
			key := f.give(t, "s1")
			_, err := f.PutHold(t.Context(), merchantID, tc.hold)
			require.NoError(t, err)
			f.setClock(before.Add(tc.later))
			_, err = f.Erase(t.Context(), request(retention.GDPR, before, "s0", "s1"))
			if !tc.stops {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, isProblem("under_hold"))
			refused, isProblem := errors.AsType[*problem.Error](err)
			require.True(t, isProblem)
			require.Equal(t, map[string]any{"holds": []string{"h"}}, refused.Extensions)
			require.Equal(t, key, f.keyOf(t, "s1"))
			require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_2"))
			_, err = f.Erase(t.Context(), request(retention.GDPR, before, "s0", "s1"))
			require.NoError(t, err)
			require.Empty(t, f.keyOf(t, "s1"))
			require.Equal(t, []string{"hold.put", "hold.lifted", "buyer.erased"}, f.actions())
		})
	}
}

// TestAnErasureOfBeforeKeepsItsAnswer when a hold comes later.
func TestAnErasureOfBeforeKeepsItsAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	f.give(t, "s1")
	first, err := f.Erase(t.Context(), request(retention.GDPR, before, "s1"))
	require.NoError(t, err)
	_, err = f.PutHold(t.Context(), merchantID, hold("h"))
	require.NoError(t, err)
	again, err := f.Erase(t.Context(), request(retention.GDPR, before, "s1"))
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestPuttingAHoldTwice(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	first, err := f.PutHold(t.Context(), merchantID, hold("h", "s1"))
	require.NoError(t, err)
	f.setClock(before.Add(time.Hour))
	second, err := f.PutHold(t.Context(), merchantID, hold("h", "s1"))
	require.NoError(t, err)
	require.True(t, first.CreatedAt.Equal(second.CreatedAt))
	require.Len(t, f.actions(), 1)
	_, err = f.PutHold(t.Context(), merchantID, hold("h"))
	require.NoError(t, err)
	holds, err := f.Holds(t.Context(), merchantID)
	require.NoError(t, err)
	require.Len(t, holds, 1)
	require.Nil(t, holds[0].Subjects, "replaced")
	for range 2 {
		require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
	}
	require.Equal(t, []string{"hold.put", "hold.put", "hold.lifted"}, f.actions())
	require.ErrorIs(t, f.LiftHold(t.Context(), merchantID, "h2", "cl_1"), isProblem("hold_not_found"))
	require.ErrorIs(t, f.LiftHold(t.Context(), "merchant-2", "h", "cl_1"), isProblem("hold_not_found"))
	_, err = f.PutHold(t.Context(), merchantID, hold("h", "s1"))
	require.NoError(t, err, "again after it was lifted")
	require.Len(t, f.actions(), 4)
}

func TestHoldsAreFew(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	for i := range erasure.MaxHolds {
		_, err := f.PutHold(t.Context(), merchantID, hold(fmt.Sprintf("h%03d", i), "s1"))
		require.NoError(t, err)
	}
	_, err := f.PutHold(t.Context(), merchantID, hold("more"))
	require.ErrorIs(t, err, isProblem("too_many_holds"))
	_, err = f.PutHold(t.Context(), merchantID, hold("h007"))
	require.NoError(t, err, "one of them changes")
	require.NoError(t, f.LiftHold(t.Context(), merchantID, "h000", "cl_1"))
	_, err = f.PutHold(t.Context(), merchantID, hold("more"))
	require.NoError(t, err)
}

// TestAHoldPostponesWhatIsDueLater, until it is lifted or ends.
func TestAHoldPostponesWhatIsDueLater(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	key := f.give(t, "s1")
	e, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1"))
	require.NoError(t, err)
	due := after.AddDate(1, 0, 0)
	_, err = f.PutHold(t.Context(), merchantID, hold("other", "s2"))
	require.NoError(t, err)
	require.Equal(t, due.Unix(), f.ends(t, "s1"))

	_, err = f.PutHold(t.Context(), merchantID, hold("open"))
	require.NoError(t, err)
	require.Zero(t, f.ends(t, "s1"))
	require.Empty(t, f.item(t, "s1", "ERASED#"+key))
	held, err := f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.True(t, held.EffectiveAt.IsZero())
	require.Equal(t, []string{"open"}, held.HeldBy)
	require.Len(t, held.Kept, 1, "the hold has no end")

	limited := hold("limited", "s1")
	limited.Until = "2030-01-31"
	_, err = f.PutHold(t.Context(), merchantID, limited)
	require.NoError(t, err)
	require.Zero(t, f.ends(t, "s1"))
	require.NoError(t, f.LiftHold(t.Context(), merchantID, "open", "cl_1"))
	end := time.Date(2030, 1, 31, 18, 30, 0, 0, time.UTC) // midnight in India
	require.Equal(t, end.Unix(), f.ends(t, "s1"))
	held, err = f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.Equal(t, end, held.EffectiveAt.UTC())
	require.Equal(t, []string{"limited"}, held.HeldBy)
	require.Equal(t, "2030-02-01", held.Kept[1].Until, "its first moment")

	f.setClock(end.Add(-time.Second))
	require.Equal(t, key, f.keyOf(t, "s1"))
	f.setClock(end)
	require.Empty(t, f.keyOf(t, "s1"))
	_, err = f.PutHold(t.Context(), merchantID, hold("late"))
	require.NoError(t, err)
	require.Empty(t, f.keyOf(t, "s1"), "what is erased stays so")
}

// TestAHoldThatIsLiftedLate: the time of the erasure has passed meanwhile.
func TestAHoldThatIsLiftedLate(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	key := f.give(t, "s1")
	e, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1"))
	require.NoError(t, err)
	_, err = f.PutHold(t.Context(), merchantID, hold("h"))
	require.NoError(t, err)
	late := after.AddDate(3, 0, 0)
	f.setClock(late)
	require.Equal(t, key, f.keyOf(t, "s1"))
	require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
	require.Empty(t, f.item(t, "s1", "CONTACT"))
	require.NotEmpty(t, f.item(t, "s1", "ERASED#"+key))
	got, err := f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.Equal(t, late, got.EffectiveAt.UTC())
	require.Empty(t, got.HeldBy)
}

// TestALaterRoundLeavesTheFirstPending: the buyer's second key is due later than its first, and a
// hold postpones both.
func TestALaterRoundLeavesTheFirstPending(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	_, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1", "s2"))
	require.NoError(t, err)
	f.give(t, "s2")
	month := after.AddDate(0, 1, 0)
	f.setClock(month)
	e, err := f.Erase(t.Context(), request(retention.DPDP, month, "s1", "s2"))
	require.NoError(t, err)
	require.Equal(t, after.AddDate(1, 0, 0).Unix(), f.ends(t, "s1"))
	require.Equal(t, month.AddDate(1, 0, 0).Unix(), f.ends(t, "s2"))
	_, err = f.PutHold(t.Context(), merchantID, hold("h"))
	require.NoError(t, err)
	require.Zero(t, f.ends(t, "s1")+f.ends(t, "s2"))
	require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
	require.Equal(t, after.AddDate(1, 0, 0).Unix(), f.ends(t, "s1"))
	require.Equal(t, month.AddDate(1, 0, 0).Unix(), f.ends(t, "s2"))
	got, err := f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.Equal(t, month.AddDate(1, 0, 0), got.EffectiveAt.UTC())
}

// ends returns when a buyer's key ends, in Unix seconds; 0 if it does not.
func (f *fixture) ends(t *testing.T, subject string) int64 {
	t.Helper()
	state, err := f.keys.State(t.Context(), merchantID, subject)
	require.NoError(t, err)
	require.NotEmpty(t, state.ID)
	if state.Ends.IsZero() {
		require.Empty(t, dynamo.Number(f.item(t, subject, "CONTACT")["ttl"]))
		return 0
	}
	return state.Ends.Unix()
}

// TestAHoldThatLosesWritesOrReplies ends as one that did not, and so does its end, if the caller
// repeats a request that failed.
func TestAHoldThatLosesWritesOrReplies(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		for nth, reached := 1, true; reached; nth++ {
			f := setup(t, after)
			f.give(t, "s1")
			_, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1"))
			require.NoError(t, err)
			hook, done := dynamotest.Nth(nth, applied)
			f.db.Hook = hook
			_, err = f.PutHold(t.Context(), merchantID, hold("h"))
			require.NoError(t, err)
			require.Zero(t, f.ends(t, "s1"))
			require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
			require.Equal(t, after.AddDate(1, 0, 0).Unix(), f.ends(t, "s1"))
			require.Equal(t, []string{"buyer.erased", "hold.put", "hold.lifted"}, f.actions())
			reached = done()
		}
	}
}
