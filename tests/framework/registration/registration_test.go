package registration_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/tests/framework/registration"
)

func TestGSTIN(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 1000 {
		g := registration.GSTIN("27", fmt.Sprintf("m-%d", i))
		_, err := gst.ParseSellerGSTIN(g)
		require.NoError(t, err, g)
		require.Equal(t, g, registration.GSTIN("27", fmt.Sprintf("m-%d", i)))
		seen[g] = true
	}
	require.Len(t, seen, 1000)
}
