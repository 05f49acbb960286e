package issuance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCursorsBelongToOneMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for i := range 3 {
		_, err := f.issuer.Issue(t.Context(), key(i), request(t, "", "", 1))
		require.NoError(t, err)
	}
	first, cursor, err := f.issuer.Invoices.List(t.Context(), merchantID, "", 2)
	require.NoError(t, err)
	require.Len(t, first, 2)
	_, _, err = f.issuer.Invoices.List(t.Context(), "other", cursor, 2)
	require.Equal(t, "cursor_invalid", codeOf(err))
	rest, end, err := f.issuer.Invoices.List(t.Context(), merchantID, cursor, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Empty(t, end)
}
