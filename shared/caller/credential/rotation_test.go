package credential_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// TestFirstRotationCreatesTheOperator: what the template generated is no client's secret.
func TestFirstRotationCreatesTheOperator(t *testing.T) {
	t.Parallel()
	f := setup(t)
	generated := f.current(t)
	first := f.rotate(t, "v1")
	require.True(t, caller.WellFormed(first.ClientSecret))
	require.True(t, strings.HasPrefix(first.ClientSecret, "ics_live_"))
	require.True(t, f.authentic(t, first))
	require.False(t, f.authentic(t, value{first.ClientID, generated.ClientSecret}))
}

func TestRotationsOverlap(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.rotate(t, "v1")
	f.now = f.now.Add(30 * 24 * time.Hour)
	require.True(t, f.authentic(t, first), "a current secret does not end")
	second := f.rotate(t, "v2")
	require.Equal(t, first.ClientID, second.ClientID)
	f.now = f.now.Add(credential.Overlap - time.Millisecond)
	require.NoError(t, f.do(t, "finishSecret", "v2"), "a repetition does not prolong it")
	require.True(t, f.authentic(t, first))
	f.now = f.now.Add(time.Millisecond)
	require.False(t, f.authentic(t, first))
	require.True(t, f.authentic(t, second))
}

// TestFaultsInARotation fails each write of a rotation once, in both ways, and does each step
// until it has succeeded twice. At no time is the current secret no good.
func TestFaultsInARotation(t *testing.T) {
	t.Parallel()
	for fails := range 6 {
		for _, apply := range []bool{false, true} {
			t.Run(strconv.Itoa(fails)+" "+strconv.FormatBool(apply), func(t *testing.T) {
				t.Parallel()
				f := setup(t)
				first := f.rotate(t, "v1")
				writes := 0
				f.fault = func(string) (bool, error) {
					if writes++; writes == fails+1 {
						return apply, dynamotest.ErrLost
					}
					return true, nil
				}
				f.begin("v2")
				for _, step := range steps() {
					f.repeat(t, step, "v2")
				}
				require.Greater(t, writes, fails, "the fault was not reached")
				require.Equal(t, "v2", f.labels["AWSCURRENT"])
				require.Equal(t, first.ClientID, f.current(t).ClientID)
				f.now = f.now.Add(credential.Overlap)
				require.True(t, f.authentic(t, f.current(t)))
				require.False(t, f.authentic(t, first))
			})
		}
	}
}

// repeat does a step until it has succeeded twice, with at most one failure.
func (f *fixture) repeat(t *testing.T, step, version string) {
	t.Helper()
	for succeeded, failed := 0, 0; succeeded < 2; {
		err := f.do(t, step, version)
		require.True(t, f.authentic(t, f.current(t)), step)
		if err == nil {
			succeeded++
			continue
		}
		failed++
		require.Less(t, failed, 2, "%s: %v", step, err)
	}
}

// TestHalfARotationLocksNoOperatorOut: the current secret stays valid, and the next rotation succeeds.
func TestHalfARotationLocksNoOperatorOut(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.rotate(t, "v1")
	f.begin("v2")
	for _, step := range steps()[:3] {
		require.NoError(t, f.do(t, step, "v2"))
	}
	f.now = f.now.Add(60 * 24 * time.Hour)
	require.True(t, f.authentic(t, first))
	require.True(t, f.authentic(t, f.rotate(t, "v3")))
	f.now = f.now.Add(credential.Overlap)
	c, err := f.clients.Client(t.Context(), first.ClientID)
	require.NoError(t, err)
	require.False(t, c.Authentic(first.ClientSecret, f.now))
	require.Equal(t, 1, inForce(c, f.now), "that of the abandoned rotation has ended too")
}

func inForce(c caller.Client, now time.Time) int {
	count := 0
	for _, s := range c.Secrets {
		if s.Until.IsZero() || now.Before(s.Until) {
			count++
		}
	}
	return count
}

// TestOvertakenStepsChangeNothing: steps of an earlier rotation that arrive late.
func TestOvertakenStepsChangeNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.rotate(t, "v1")
	second := f.rotate(t, "v2")
	labels := maps.Clone(f.labels)
	require.NoError(t, f.do(t, "createSecret", "v1"))
	for _, step := range steps()[1:] {
		require.ErrorIs(t, f.do(t, step, "v1"), credential.ErrNotPending, step)
	}
	require.Equal(t, labels, f.labels)
	require.Equal(t, second, f.current(t))

	f.labels["AWSCURRENT"], f.labels["AWSPREVIOUS"] = initial, "v2" // a person has put another value
	require.Equal(t, "v2", f.labels["AWSPENDING"])
	require.ErrorIs(t, f.do(t, "finishSecret", "v2"), credential.ErrNotPending)
	require.Equal(t, initial, f.labels["AWSCURRENT"])
}

// TestRevokedOperatorIsReplaced: after a leak, revoke and rotate.
func TestRevokedOperatorIsReplaced(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.rotate(t, "v1")
	require.NoError(t, f.clients.RevokeClient(t.Context(), first.ClientID))
	second := f.rotate(t, "v2")
	require.NotEqual(t, first.ClientID, second.ClientID)
	require.True(t, f.authentic(t, second))
	require.False(t, f.authentic(t, first))
}

// TestRotationAfterLostTables: the client is created again, with its id.
func TestRotationAfterLostTables(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.rotate(t, "v1")
	f.clients = setup(t).clients
	second := f.rotate(t, "v2")
	require.Equal(t, first.ClientID, second.ClientID)
	require.True(t, f.authentic(t, second))
}

// TestNothingInvalidBecomesCurrent: steps that were left out, and values that a person has put.
func TestNothingInvalidBecomesCurrent(t *testing.T) {
	t.Parallel()
	f := setup(t)
	clerk, secret, err := f.clients.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Clerk), caller.Live)
	require.NoError(t, err)
	operator := f.rotate(t, "v1").ClientID
	unknown := caller.NewSecret(caller.Live)
	for name, tc := range map[string]struct {
		value string
		want  error
	}{
		"not set":           {`{"client_id":"` + operator + `","client_secret":"` + unknown + `"}`, nil},
		"a weak secret":     {`{"client_id":"` + operator + `","client_secret":"password"}`, caller.ErrMalformed},
		"a clerk's":         {`{"client_id":"` + clerk.ID + `","client_secret":"` + secret + `"}`, caller.ErrWrongRole},
		"an impossible id":  {`{"client_id":"","client_secret":"` + secret + `"}`, caller.ErrNoClient},
		"not a credential":  {`"password"`, nil},
		"not even a string": {``, nil},
	} {
		f.begin(name)
		f.values[name] = tc.value
		if tc.want != nil {
			require.ErrorIs(t, f.do(t, "setSecret", name), tc.want, name)
		}
		for _, step := range []string{"testSecret", "finishSecret"} {
			err := f.do(t, step, name)
			require.Error(t, err, name)
			require.NotContains(t, err.Error(), "password")
		}
		require.Equal(t, "v1", f.labels["AWSCURRENT"], name)
	}
}

func TestOtherEventsAreRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := credential.Rotation{Secrets: f, Clients: f.clients, Now: func() time.Time { return f.now }}
	for _, e := range []credential.Event{
		{},
		{Step: "createSecret", Version: "v1"},
		{Step: "createSecret", SecretID: secretID},
		{Step: "deleteSecret", SecretID: secretID, Version: "v1"},
	} {
		require.ErrorIs(t, r.Do(t.Context(), e), credential.ErrEvent)
	}
	require.Len(t, f.values, 1)
}
