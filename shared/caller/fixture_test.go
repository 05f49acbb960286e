package caller_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/caller/signing"
)

const (
	issuer   = "https://api.test/v1"
	audience = "invochain"
)

// fixture is a clock, keys with their private halves, and a table that can be away.
type fixture struct {
	now     time.Time
	known   caller.Known
	private map[string]*ecdsa.PrivateKey
	reads   atomic.Int32
	away    bool
}

func setup(tb testing.TB) *fixture {
	tb.Helper()
	f := &fixture{
		now:     time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		private: map[string]*ecdsa.PrivateKey{}, known: caller.Known{Revoked: map[string]time.Time{}},
	}
	f.addKey(tb)
	return f
}

// addKey adds a key that signs from now on and returns its id.
func (f *fixture) addKey(tb testing.TB) string {
	tb.Helper()
	key, private := callertest.NewKey(tb, f.now)
	f.private[key.ID] = private
	f.known.Keys = append(append([]caller.Key{}, f.known.Keys...), key)
	return key.ID
}

func (f *fixture) clock() time.Time { return f.now }

func (f *fixture) load(context.Context) (caller.Known, error) {
	f.reads.Add(1)
	if f.away {
		return caller.Known{}, errors.New("the table is away")
	}
	return f.known, nil
}

// sign returns r and s.
func (f *fixture) sign(_ context.Context, key caller.Key, digest []byte) ([]byte, error) {
	return callertest.Sign(f.private[key.ID], digest)
}

func (f *fixture) issuer() signing.Issuer {
	known := func(context.Context) (caller.Known, error) { return f.known, nil }
	return signing.Issuer{Issuer: issuer, Audience: audience, Known: known, Sign: f.sign, Now: f.clock}
}

func (f *fixture) verifier() *caller.Verifier {
	return caller.NewVerifier(caller.Config{Issuer: issuer, Audience: audience, Load: f.load, Now: f.clock})
}

func clerk() caller.Client {
	return caller.Client{ID: "cl_1", Merchant: "merchant-123", Role: caller.Clerk}
}

// token returns an Authorization header.
func (f *fixture) token(tb testing.TB, c caller.Client) string {
	tb.Helper()
	t, err := f.issuer().Token(tb.Context(), c, "")
	require.NoError(tb, err)
	return "Bearer " + t.Access
}
