package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(literal))
	f.Add([]byte(lined))
	f.Add([]byte(`{"items":[{"quantity":1e400}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := domain.ParseRequest(body)
		if err != nil {
			var e *domain.Error
			require.ErrorAs(t, err, &e)
			return
		}
		again, err := domain.ParseRequest(req.Canonical())
		require.NoError(t, err, "%s", req.Canonical())
		require.Equal(t, string(req.Canonical()), string(again.Canonical()))
		inv, err := domain.Assess(req, domain.Merchant{GSTIN: "27AABCU9603R1ZN", Compliance: domain.Advise})
		if err != nil {
			return
		}
		b, err := json.Marshal(inv)
		require.NoError(t, err)
		var back domain.Invoice
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, inv.Totals, back.Totals)
	})
}
