package signing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
)

// TestSignaturesOfKMS: of 300 signatures, two or three have an r or s with less than 32 bytes.
func TestSignaturesOfKMS(t *testing.T) {
	t.Parallel()
	f := setup()
	_, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	v := f.verifier()
	for range 300 {
		token, err := f.issuer().Token(t.Context(), clerk(), "")
		require.NoError(t, err)
		_, err = v.Verify(t.Context(), "Bearer "+token.Access)
		require.NoError(t, err)
	}
}

func TestScopesNarrow(t *testing.T) {
	t.Parallel()
	f := setup()
	_, err := f.rotator().Rotate(t.Context())
	require.NoError(t, err)
	for scope, want := range map[string][]string{
		"":                                      caller.Clerk.Scopes(),
		"invoices:read":                         {"invoices:read"},
		" stock:read  invoices:read stock:read": {"invoices:read", "stock:read"},
		"invoices:read clients:write":           nil,
		"invoices:*":                            nil,
	} {
		token, err := f.issuer().Token(t.Context(), clerk(), scope)
		if want == nil {
			require.ErrorIs(t, err, signing.ErrScope, scope)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, token.Scopes)
		p, err := f.verifier().Verify(t.Context(), "Bearer "+token.Access)
		require.NoError(t, err)
		require.Equal(t, want, p.Scopes)
	}
}
