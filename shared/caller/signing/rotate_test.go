package signing_test

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
)

func TestFirstRunMakesAKeyThatSigns(t *testing.T) {
	t.Parallel()
	f := setup()
	_, err := f.issuer().Token(t.Context(), clerk(), "")
	require.Error(t, err)
	done, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	require.Contains(t, f.keys, done.Created)
	_, err = f.issuer().Token(t.Context(), clerk(), "")
	require.NoError(t, err)
	done, err = f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	require.Empty(t, done, "a second run changes nothing")
}

// TestKeysHaveTheTagOfTheirCell: the policies of a cell allow no other.
func TestKeysHaveTheTagOfTheirCell(t *testing.T) {
	t.Parallel()
	for cell, tag := range map[string]string{"": "invochain-use=token", "b": "invochain-use=token-b"} {
		f := setup()
		rotator := f.rotator()
		rotator.KMS.Cell = cell
		_, err := rotator.Rotate(t.Context())
		require.NoError(t, err)
		require.Equal(t, tag, f.tag)
	}
}

// TestRotationForTwoYears: a run each day, which may be twice, late or fail at any call, but
// not for more than five days in a row. A token is always issued, is verified by an instance
// that has just read the keys as late as in its last second, no key signs that has not been
// published for a day, and none for more than 30 days.
func TestRotationForTwoYears(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			y := years{fixture: setup(), random: rand.New(rand.NewPCG(seed, 0)), published: map[string]time.Time{}}
			y.now = y.now.Add(-48 * time.Hour)
			require.NoError(t, y.run(t, 1))
			y.now = y.now.Add(48 * time.Hour)
			failures := 0
			for range 730 {
				fails := []string{"", "", "CreateKey", "AddKey", "ScheduleKeyDeletion", "RemoveKey"}[y.random.IntN(6)]
				if failures == 5 {
					fails = ""
				}
				y.refuse = func(call string) bool { return call == fails }
				if failures++; y.run(t, 1+y.random.IntN(2)) == nil {
					failures = 0
				}
				y.verify(t)
				y.now = y.now.Add(time.Duration(20+y.random.IntN(9)) * time.Hour)
			}
			require.LessOrEqual(t, len(y.published), 26)
		})
	}
}

// years is a fixture with the time at which each key was first seen.
type years struct {
	*fixture

	random    *rand.Rand
	published map[string]time.Time
}

// run rotates some times and returns the last error.
func (y years) run(t *testing.T, times int) error {
	t.Helper()
	var err error
	for range times {
		_, err = y.rotator().Rotate(t.Context())
	}
	for id := range y.keys {
		if _, seen := y.published[id]; !seen {
			y.published[id] = y.now
		}
	}
	return err
}

// verify issues a token, and verifies it at once and in its last second.
func (y years) verify(t *testing.T) {
	t.Helper()
	known, err := y.Known(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, len(known.KeySet(y.now).Keys), 2)
	key, signs := known.Signing(y.now)
	require.True(t, signs)
	require.GreaterOrEqual(t, y.now.Sub(y.published[key.ID]), 24*time.Hour)
	require.Less(t, y.now.Sub(key.SignsFrom), 30*24*time.Hour)
	token, err := y.issuer().Token(t.Context(), clerk(), "")
	require.NoError(t, err)
	for _, age := range []time.Duration{0, caller.TokenLife - time.Second} {
		y.now = y.now.Add(age)
		_, err = y.verifier().Verify(t.Context(), "Bearer "+token.Access)
		require.NoError(t, err)
	}
}

// TestTwoRunsAtOnce: both make a key; one of them signs, both verify, and both are removed.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	f := setup()
	_, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	first := f.keys
	f.keys = map[string]caller.Key{} // what the other run has read
	_, err = f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	maps.Copy(f.keys, first)
	require.Len(t, f.keys, 2)
	token, err := f.issuer().Token(t.Context(), clerk(), "")
	require.NoError(t, err)
	_, err = f.verifier().Verify(t.Context(), "Bearer "+token.Access)
	require.NoError(t, err)
	f.now = f.now.Add(caller.KeyLife + time.Hour)
	done, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	require.Len(t, done.Removed, 2)
	require.Len(t, f.keys, 1)
}

// TestRemovalIsResumed: a run that ended between KMS and the table is continued by the next.
func TestRemovalIsResumed(t *testing.T) {
	t.Parallel()
	f := setup()
	_, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	f.now = f.now.Add(caller.KeyLife + time.Hour)
	f.refuse = func(call string) bool { return call == "RemoveKey" }
	_, err = f.rotator().Rotate(t.Context())
	require.ErrorIs(t, err, errAway)
	require.Len(t, f.keys, 2, "the next key was made all the same")
	f.refuse = func(string) bool { return false }
	done, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	require.Len(t, done.Removed, 1)
	require.Len(t, f.deleted, 1)
}
