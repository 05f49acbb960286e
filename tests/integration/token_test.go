//go:build integration

package integration_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
)

// askToken asks for a token with a form.
func (f *fixture) askToken(t *testing.T, form url.Values) client.Reply {
	t.Helper()
	return f.call(t, http.MethodPost, "/oauth/token", []byte(form.Encode()),
		"Content-Type", "application/x-www-form-urlencoded")
}

func grantOf(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
}

// verifier verifies tokens as a function does.
func (f *fixture) verifier() *caller.Verifier {
	return caller.NewVerifier(caller.Config{
		Issuer: f.Vars(deployment.Issuer), Audience: caller.Audience, Load: f.Operator.Callers.Known, Now: time.Now,
	})
}

// TestTokenVerifiesWithThePublishedKeys: as any library would verify it, and as our functions do.
func TestTokenVerifiesWithThePublishedKeys(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.askToken(t, grantOf(os.Getenv("INVOCHAIN_CLIENT_ID"), os.Getenv("INVOCHAIN_CLIENT_SECRET")))
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	parsed, err := jwt.ParseSigned(r.Field("access_token"), []jose.SignatureAlgorithm{jose.ES256})
	require.NoError(t, err)
	var published jose.JSONWebKeySet
	require.NoError(t, json.Unmarshal(f.call(t, http.MethodGet, "/.well-known/jwks.json", nil).Body, &published))
	var claims caller.Claims
	require.NoError(t, parsed.Claims(published, &claims))
	p, err := f.verifier().Verify(t.Context(), "Bearer "+r.Field("access_token"))
	require.NoError(t, err)
	require.Equal(t, []any{"merchant-123", caller.Admin}, []any{p.Tenant.MerchantID(), p.Role})
	described := f.call(t, http.MethodGet, "/.well-known/oauth-authorization-server", nil)
	require.Equal(t, claims.Issuer, described.Field("issuer"))
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id, secret := os.Getenv("INVOCHAIN_OPERATOR_CLIENT_ID"), os.Getenv("INVOCHAIN_OPERATOR_CLIENT_SECRET")
	with := func(name, value string) url.Values {
		form := grantOf(id, secret)
		form.Set(name, value)
		return form
	}
	for want, form := range map[string]url.Values{
		"invalid_client":         with("client_secret", strings.ToLower(secret)),
		"unsupported_grant_type": with("grant_type", "password"),
		"invalid_scope":          with("scope", "invoices:read"),
		"invalid_request":        {"scope": {"ops:read"}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := f.askToken(t, form)
			require.Equal(t, want, r.Field("error"), "%s", r.Body)
			require.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, r.Status)
		})
	}
	form := []byte(grantOf(id, secret).Encode())
	r, err := f.Call(t.Context(), http.MethodPost, "/oauth/token?client_secret="+secret, form,
		"Content-Type", "application/x-www-form-urlencoded")
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, r.Status)
	require.Contains(t, r.Field("error_description"), "roll it")
}

// TestRolledAndRevokedClient: after a roll both secrets get tokens; after the revocation none does,
// and the tokens are refused.
func TestRolledAndRevokedClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	clients := f.Operator.Callers
	c, first, err := clients.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Auditor), caller.Test)
	require.NoError(t, err)
	second, err := clients.RollSecret(t.Context(), c.ID, caller.Test, time.Hour)
	require.NoError(t, err)
	var token string
	for _, secret := range []string{first, second} {
		r := f.askToken(t, grantOf(c.ID, secret))
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		token = r.Field("access_token")
	}
	_, err = f.verifier().Verify(t.Context(), "Bearer "+token)
	require.NoError(t, err)
	require.NoError(t, clients.RevokeClient(t.Context(), c.ID))
	require.Equal(t, "invalid_client", f.askToken(t, grantOf(c.ID, second)).Field("error"))
	_, err = f.verifier().Verify(t.Context(), "Bearer "+token)
	require.ErrorIs(t, err, caller.ErrInvalid)
}

// TestWithdrawnKey: its tokens are refused, and a new key signs at once. It runs alone, because
// it ends the tokens of other tests.
func TestWithdrawnKey(t *testing.T) {
	f := setup(t)
	ask := func() string {
		r := f.askToken(t, grantOf(os.Getenv("INVOCHAIN_CLIENT_ID"), os.Getenv("INVOCHAIN_CLIENT_SECRET")))
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		return "Bearer " + r.Field("access_token")
	}
	before := ask()
	known, err := f.Operator.Callers.Known(t.Context())
	require.NoError(t, err)
	signs, found := known.Signing(time.Now())
	require.True(t, found)
	_, err = f.Operator.WithdrawKey(t.Context(), signs.ID, tests)
	require.NoError(t, err)
	_, err = f.verifier().Verify(t.Context(), ask())
	require.NoError(t, err)
	_, err = f.verifier().Verify(t.Context(), before)
	require.ErrorIs(t, err, caller.ErrInvalid)
	_, err = f.Operator.WithdrawKey(t.Context(), "unknown", tests)
	require.Error(t, err)
}
