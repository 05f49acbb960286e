package caller_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
)

// operator returns a client that the store does not know yet, with a secret for it.
func operator() (c caller.Client, secret string) {
	return caller.Client{ID: caller.NewID(), Role: caller.Operator}, caller.NewSecret(caller.Live)
}

func TestAddSecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	c, first := operator()
	second := caller.NewSecret(caller.Live)
	for _, secret := range []string{first, first, second, second, first} {
		require.NoError(t, s.AddSecret(t.Context(), c, secret))
	}
	f.now = f.now.Add(365 * 24 * time.Hour)
	read, err := s.Client(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, read.Secrets, 2, "a repetition adds none")
	require.Equal(t, caller.Operator, read.Role)
	require.True(t, read.Authentic(first, f.now))
	require.True(t, read.Authentic(second, f.now))
}

func TestAddSecretRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	c, secret := operator()
	require.NoError(t, s.AddSecret(t.Context(), c, secret))
	revoked, _ := operator()
	require.NoError(t, s.AddSecret(t.Context(), revoked, secret))
	require.NoError(t, s.RevokeClient(t.Context(), revoked.ID))
	clerk := caller.Client{ID: c.ID, Role: caller.Clerk, Merchant: "merchant-123"}
	for name, tc := range map[string]struct {
		client caller.Client
		secret string
		want   error
	}{
		"a weak secret":          {c, "password", caller.ErrMalformed},
		"another role":           {clerk, secret, caller.ErrWrongRole},
		"a revoked client":       {revoked, secret, caller.ErrClientRevoked},
		"no id":                  {caller.Client{Role: caller.Operator}, secret, caller.ErrNoClient},
		"a new one, no merchant": {caller.Client{ID: "cl_new", Role: caller.Clerk}, secret, caller.ErrWrongRole},
	} {
		require.ErrorIs(t, s.AddSecret(t.Context(), tc.client, tc.secret), tc.want, name)
	}
	for range 4 {
		require.NoError(t, s.AddSecret(t.Context(), c, caller.NewSecret(caller.Live)))
	}
	require.ErrorIs(t, s.AddSecret(t.Context(), c, caller.NewSecret(caller.Live)), caller.ErrManySecrets)
	require.NoError(t, s.AddSecret(t.Context(), c, secret), "a repetition needs no room")
}

func TestEndOtherSecrets(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	c, first := operator()
	second := caller.NewSecret(caller.Live)
	require.ErrorIs(t, s.EndOtherSecrets(t.Context(), c.ID, first, time.Hour), caller.ErrNoClient)
	require.NoError(t, s.AddSecret(t.Context(), c, first))
	require.ErrorIs(t, s.EndOtherSecrets(t.Context(), c.ID, second, time.Hour), caller.ErrNoSecret)
	require.NoError(t, s.AddSecret(t.Context(), c, second))
	for range 2 {
		require.NoError(t, s.EndOtherSecrets(t.Context(), c.ID, second, time.Hour))
		f.now = f.now.Add(59 * time.Minute)
	}
	read, err := s.Client(t.Context(), c.ID)
	require.NoError(t, err)
	require.False(t, read.Authentic(first, f.now), "a repetition does not prolong it")
	require.True(t, read.Authentic(second, f.now.Add(365*24*time.Hour)))
}
