package caller_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// store returns a Store with the clock of a fixture.
func (f *fixture) store(t *testing.T) *caller.Store {
	t.Helper()
	db := dynamotest.Client(t)
	return caller.NewStore(db, dynamotest.Tables(t, db).Keys, f.clock)
}

func TestKeysOfTheTable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s, key := f.store(t), f.known.Keys[0]
	for range 2 {
		require.NoError(t, s.AddKey(t.Context(), key), "a repetition changes nothing")
	}
	known, err := s.Known(t.Context())
	require.NoError(t, err)
	require.Len(t, known.Keys, 1)
	want, err := json.Marshal(f.known.KeySet(f.now))
	require.NoError(t, err)
	got, err := json.Marshal(known.KeySet(f.now))
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
	signs, found := known.Signing(f.now)
	require.True(t, found)
	require.Equal(t, []any{key.ID, "kms"}, []any{signs.ID, signs.KMSKey})
	require.Zero(t, signs.VerifiesUntil.Compare(key.VerifiesUntil))
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s, key := f.store(t), f.known.Keys[0]
	require.NoError(t, s.AddKey(t.Context(), key))
	found, err := s.Withdraw(t.Context(), "other")
	require.NoError(t, err)
	require.False(t, found)
	withdrawn := f.now
	for range 2 {
		found, err = s.Withdraw(t.Context(), key.ID)
		require.NoError(t, err)
		require.True(t, found)
		f.now = f.now.Add(time.Second)
	}
	require.NoError(t, s.AddKey(t.Context(), key), "a repetition does not bring it back")
	known, err := s.Known(t.Context())
	require.NoError(t, err)
	require.Zero(t, known.Keys[0].VerifiesUntil.Compare(withdrawn), "the first time counts")
	require.Empty(t, known.KeySet(f.now).Keys)
	_, signs := known.Signing(f.now)
	require.False(t, signs)
	from, needed := known.Next(f.now)
	require.True(t, needed)
	require.Equal(t, f.now, from, "the next one signs at once")
	require.NoError(t, s.RemoveKey(t.Context(), key.ID))
	known, err = s.Known(t.Context())
	require.NoError(t, err)
	require.Empty(t, known.Keys)
}

// TestWithdrawnKeyIsReplacedAtOnce: also when the key after it is already published.
func TestWithdrawnKeyIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	withdrawn := f.known.Keys[0]
	withdrawn.VerifiesUntil = f.now
	next := caller.NewKey("next", "kms", withdrawn.Public, f.now.Add(24*time.Hour))
	from, needed := caller.Known{Keys: []caller.Key{withdrawn, next}}.Next(f.now)
	require.True(t, needed)
	require.Equal(t, f.now, from)
}

func TestClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	created, secret, err := s.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Clerk), caller.Live)
	require.NoError(t, err)
	require.True(t, caller.WellFormed(secret))
	require.True(t, strings.HasPrefix(secret, "ics_live_"))
	c, err := s.Client(t.Context(), created.ID)
	require.NoError(t, err)
	require.Equal(t, created, c)
	require.True(t, c.Authentic(secret, f.now))
	require.False(t, c.Authentic(secret+"A", f.now))
	require.False(t, c.Authentic("", f.now))
	for _, id := range []string{"", "cl_other", strings.Repeat("a", 3000)} {
		_, err = s.Client(t.Context(), id)
		require.ErrorIs(t, err, caller.ErrNoClient)
		require.ErrorIs(t, s.RevokeClient(t.Context(), id), caller.ErrNoClient)
	}
}

func TestClientsHaveTheMerchantOfTheirRole(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := caller.NewStore((*dynamodb.Client)(nil), "none", f.clock) // it is not called
	for merchant, role := range map[string]caller.Role{
		"": caller.Clerk, "merchant-123": caller.Operator, "a#b": caller.Admin, "merchant-1": "root",
	} {
		_, _, err := s.CreateClient(t.Context(), caller.NewClient(merchant, role), caller.Live)
		require.ErrorIs(t, err, caller.ErrWrongRole, role)
	}
}

func TestSecretsOverlap(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	created, first, err := s.CreateClient(t.Context(), caller.NewClient("", caller.Operator), caller.Test)
	require.NoError(t, err)
	second, err := s.RollSecret(t.Context(), created.ID, caller.Test, 24*time.Hour)
	require.NoError(t, err)
	valid := func(secret string) bool {
		c, err := s.Client(t.Context(), created.ID)
		require.NoError(t, err)
		return c.Authentic(secret, f.now)
	}
	require.True(t, valid(first))
	require.True(t, valid(second))
	third, err := s.RollSecret(t.Context(), created.ID, caller.Test, 48*time.Hour)
	require.NoError(t, err)
	f.now = f.now.Add(24 * time.Hour)
	require.False(t, valid(first), "a later roll does not prolong it")
	require.True(t, valid(second))
	require.True(t, valid(third))
	last, err := s.RollSecret(t.Context(), created.ID, caller.Test, 0)
	require.NoError(t, err)
	require.False(t, valid(third), "no overlap: the leaked one ends at once")
	require.True(t, valid(last))
}

func TestSecretsAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	created, _, err := s.CreateClient(t.Context(), caller.NewClient("", caller.Operator), caller.Test)
	require.NoError(t, err)
	for range 4 {
		_, err = s.RollSecret(t.Context(), created.ID, caller.Test, time.Hour)
		require.NoError(t, err)
	}
	_, err = s.RollSecret(t.Context(), created.ID, caller.Test, time.Hour)
	require.ErrorIs(t, err, caller.ErrManySecrets)
	_, err = s.RollSecret(t.Context(), created.ID, caller.Test, 0)
	require.NoError(t, err, "a leaked secret can always be ended")
	f.now = f.now.Add(time.Hour)
	_, err = s.RollSecret(t.Context(), created.ID, caller.Test, time.Hour)
	require.NoError(t, err)
}

func TestRevokeClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	c, secret, err := s.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Admin), caller.Live)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, s.RevokeClient(t.Context(), c.ID))
	}
	revoked, err := s.Client(t.Context(), c.ID)
	require.NoError(t, err)
	require.False(t, revoked.Authentic(secret, f.now))
	known, err := s.Known(t.Context())
	require.NoError(t, err)
	require.True(t, known.Revoked[c.ID].After(f.now.Add(caller.TokenLife+caller.Skew)), "until its last token has ended")
	_, err = s.RollSecret(t.Context(), c.ID, caller.Live, time.Hour)
	require.ErrorIs(t, err, caller.ErrClientRevoked)
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := f.store(t)
	_, secret, err := s.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Admin), caller.Live)
	require.NoError(t, err)
	swapped := secret[:10] + secret[11:12] + secret[10:11] + secret[12:]
	for name, text := range map[string]string{
		"empty": "", "short": secret[:64], "long": secret + "A", "another mode": strings.Replace(secret, "live", "test", 1),
		"lower case": strings.ToLower(secret), "an unknown mode": strings.Replace(secret, "live", "demo", 1),
		"two characters swapped": swapped,
	} {
		require.Equal(t, text == secret, caller.WellFormed(text), name) // two equal characters may be neighbours
	}
}
