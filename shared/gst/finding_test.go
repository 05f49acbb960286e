package gst_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

type findingCase struct {
	body  string
	codes []string
}

func allCases() map[string]findingCase {
	all := map[string]findingCase{}
	for group, cases := range map[string]map[string]findingCase{
		"buyer": buyerCases(), "document": documentCases(), "line": lineCases(), "rate": rateCases(),
	} {
		for name, tc := range cases {
			all[group+"/"+name] = tc
		}
	}
	return all
}

func TestFindings(t *testing.T) {
	for name, tc := range allCases() {
		t.Run(name, func(t *testing.T) {
			inv := assess(t, tc.body)
			require.Equal(t, tc.codes, findingCodes(inv))
			for _, f := range inv.Compliance.Findings {
				require.NotEmpty(t, f.Message)
				requireCatalogued(t, inv, f)
			}
			requireRefusedIfStrict(t, tc, inv)
		})
	}
}

// requireCatalogued checks that a finding blocks no more than its code does, and nothing where
// the document does not go.
func requireCatalogued(t *testing.T, inv gst.Invoice, f gst.Finding) {
	t.Helper()
	codes := gst.FindingCodes()
	at := slices.IndexFunc(codes, func(c gst.FindingCode) bool { return c.Code == f.Code })
	require.GreaterOrEqual(t, at, 0, f.Code)
	require.Subset(t, codes[at].Blocks, f.Blocks)
	require.Equal(t, len(codes[at].Blocks) == 0, len(f.Blocks) == 0, f.Code)
	if inv.SupplyType == gst.B2C {
		require.NotContains(t, f.Blocks, "e-invoice")
	}
}

// requireRefusedIfStrict checks that a strict seller's request is refused for what blocks its
// return or e-invoice, and for nothing else.
func requireRefusedIfStrict(t *testing.T, tc findingCase, inv gst.Invoice) {
	t.Helper()
	strict := seller
	strict.Compliance = gst.Strict
	blocking := slices.ContainsFunc(inv.Compliance.Findings, func(f gst.Finding) bool {
		return slices.Contains(f.Blocks, "GSTR-1") || slices.Contains(f.Blocks, "e-invoice")
	})
	issued, err := gst.Assess(parse(t, tc.body), strict, "")
	if !blocking {
		require.NoError(t, err)
		require.Equal(t, inv.Compliance, issued.Compliance, "advice is given to strict sellers too")
		return
	}
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "compliance_findings", e.Code)
	require.Len(t, e.Extensions["findings"], len(tc.codes))
}
