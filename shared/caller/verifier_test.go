package caller_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
)

func TestPrincipal(t *testing.T) {
	t.Parallel()
	for _, role := range caller.Roles() {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			f, c := setup(t), caller.Client{ID: "cl_1", Merchant: "merchant-123", Role: role}
			if role == caller.Operator {
				c.Merchant = ""
			}
			p, err := f.verifier().Verify(t.Context(), f.token(t, c))
			require.NoError(t, err)
			require.Equal(t, c.Merchant, p.Tenant.MerchantID())
			require.Equal(t, []any{"cl_1", role, role.Scopes()}, []any{p.Client, p.Role, p.Scopes})
			require.Equal(t, role != caller.Operator, p.May("invoices:read"), "an operator reads no invoice")
			require.False(t, p.May("keys:write"))
		})
	}
}

func TestNoCallWhileKeysAreFresh(t *testing.T) {
	t.Parallel()
	f := setup(t)
	v, token := f.verifier(), f.token(t, clerk())
	for range 100 {
		_, err := v.Verify(t.Context(), token)
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, f.reads.Load())
}

// TestMemoryIsBounded: more tokens than a verifier remembers are all verified, and need no read.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	v := f.verifier()
	for range 1010 {
		_, err := v.Verify(t.Context(), f.token(t, clerk()))
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, f.reads.Load())
}

// TestRevocation: a remembered token of a client that was revoked, or of a key that was
// withdrawn, is refused after a minute and one request.
func TestRevocation(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*fixture){
		"client": func(f *fixture) { f.known.Revoked = map[string]time.Time{"cl_1": f.now.Add(18 * time.Minute)} },
		"key": func(f *fixture) {
			keys := append([]caller.Key{}, f.known.Keys...)
			keys[0].VerifiesUntil = f.now
			f.known.Keys = keys
		},
		"key that was removed": func(f *fixture) { f.known.Keys = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := setup(t)
				v, token := f.verifier(), f.token(t, clerk())
				_, err := v.Verify(t.Context(), token)
				require.NoError(t, err)
				end(f)
				f.now = f.now.Add(time.Minute)
				_, err = v.Verify(t.Context(), token)
				require.NoError(t, err, "this request does not wait for the read that it starts")
				synctest.Wait()
				_, err = v.Verify(t.Context(), token)
				require.ErrorIs(t, err, caller.ErrInvalid)
			})
		})
	}
}

func TestRevocationOfAnotherClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.known.Revoked["cl_2"] = f.now.Add(time.Hour)
	_, err := f.verifier().Verify(t.Context(), f.token(t, clerk()))
	require.NoError(t, err)
}

// TestNextKeyIsKnownAtOnce: after a withdrawal the next key signs at once, before any instance
// has seen it.
func TestNextKeyIsKnownAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	v := f.verifier()
	_, err := v.Verify(t.Context(), f.token(t, clerk()))
	require.NoError(t, err)
	f.known.Keys = nil
	f.addKey(t)
	_, err = v.Verify(t.Context(), f.token(t, clerk()))
	require.NoError(t, err)
	require.EqualValues(t, 2, f.reads.Load())
}

func TestFailsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		v, token := f.verifier(), f.token(t, clerk())
		_, err := v.Verify(t.Context(), token)
		require.NoError(t, err)
		f.away = true
		f.now = f.now.Add(5*time.Minute - time.Second)
		_, err = v.Verify(t.Context(), token)
		require.NoError(t, err, "what is known serves while the table is away")
		synctest.Wait()
		f.now = f.now.Add(time.Second)
		_, err = v.Verify(t.Context(), token)
		require.ErrorIs(t, err, caller.ErrUnavailable, "but for 5 minutes only")
		f.away = false
		_, err = v.Verify(t.Context(), token)
		require.NoError(t, err, "and it recovers")
	})
}

// TestUnknownKeyWhileTheTableIsAway: the key may be a new one, so the caller may try again.
func TestUnknownKeyWhileTheTableIsAway(t *testing.T) {
	t.Parallel()
	f := setup(t)
	v := f.verifier()
	_, err := v.Verify(t.Context(), f.token(t, clerk()))
	require.NoError(t, err)
	f.known.Keys = nil
	f.addKey(t)
	f.away = true
	_, err = v.Verify(t.Context(), f.token(t, clerk()))
	require.ErrorIs(t, err, caller.ErrUnavailable)
}

// TestFrozenRead: a process that was frozen during a read does not take what it read for fresh,
// and a request that finds such a read starts another.
func TestFrozenRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		release := make(chan struct{})
		frozen := false
		v := caller.NewVerifier(caller.Config{
			Issuer: issuer, Audience: audience, Now: f.clock,
			Load: func(ctx context.Context) (caller.Known, error) {
				known, err := f.load(ctx)
				if frozen {
					frozen = false
					<-release
				}
				return known, err
			},
		})
		token := f.token(t, clerk())
		_, err := v.Verify(t.Context(), token)
		require.NoError(t, err)
		f.now = f.now.Add(2 * time.Minute)
		frozen = true
		_, err = v.Verify(t.Context(), token)
		require.NoError(t, err)
		synctest.Wait() // the read has its answer, and the process is frozen
		f.known.Revoked = map[string]time.Time{"cl_1": f.now.Add(18 * time.Minute)}
		f.now = f.now.Add(6 * time.Minute)
		refused := make(chan error)
		go func() {
			_, err := v.Verify(t.Context(), token)
			refused <- err
		}()
		synctest.Wait()
		close(release)
		require.ErrorIs(t, <-refused, caller.ErrInvalid)
		require.EqualValues(t, 3, f.reads.Load())
	})
}

// TestInventedKeysCostOneRead: 200 tokens that name keys which do not exist.
func TestInventedKeysCostOneRead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	v := f.verifier()
	_, err := v.Verify(t.Context(), f.token(t, clerk()))
	require.NoError(t, err)
	f.reads.Store(0)
	signed := f.known.Keys[0]
	for n := range 200 {
		invented := f.issuer()
		id := fmt.Sprintf("invented-%d", n)
		f.private[id] = f.private[signed.ID]
		invented.Known = func(context.Context) (caller.Known, error) {
			return caller.Known{Keys: []caller.Key{caller.NewKey(id, "kms", signed.Public, f.now)}}, nil
		}
		forged, err := invented.Token(t.Context(), clerk(), "")
		require.NoError(t, err)
		_, err = v.Verify(t.Context(), "Bearer "+forged.Access)
		require.ErrorIs(t, err, caller.ErrInvalid)
	}
	require.EqualValues(t, 1, f.reads.Load())
}
