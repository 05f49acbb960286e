package docs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/docs"
)

func TestEveryPriceHasAUnitADateAndASource(t *testing.T) {
	t.Parallel()
	list := docs.Prices()
	require.NotEmpty(t, list.Region)
	require.NotEmpty(t, list.Prices)
	for name, p := range list.Prices {
		require.Positive(t, p.USD, name)
		require.Positive(t, p.Per, name)
		require.NotEmpty(t, p.Unit, name)
		require.Regexp(t, `^20\d\d-(0[1-9]|1[0-2])$`, p.AsOf, name)
		require.Regexp(t, `^https://aws\.amazon\.com/[\w/-]+/$`, p.Source, name)
		require.InDelta(t, p.USD/p.Per, list.Of(name), 0)
	}
	require.Equal(t, "0.000000625", list.Decimal("dynamodb_write_unit"))
	require.Panics(t, func() { list.Of("unknown") })
}
