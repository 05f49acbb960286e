package merchant_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

func FuzzParseProfile(f *testing.F) {
	f.Add("m", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN","compliance":"advise"}`))
	f.Add("", []byte(`{"gstin":"0717UNO00211UN2"}`))
	f.Fuzz(func(t *testing.T, id string, body []byte) {
		p, err := merchant.ParseProfile(id, body)
		if err != nil {
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, []int{400, 413, 422}, e.Status)
			return
		}
		require.True(t, p.GSTIN.ValidChecksum())
		require.True(t, gst.ValidMerchantID(p.ID))
		require.NotEmpty(t, p.Name)
		require.Contains(t, []string{gst.Strict, gst.Advise}, p.Compliance)
	})
}
