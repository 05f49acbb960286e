package gst_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

var update = flag.Bool("update", false, "write docs/findings.md")

// TestEveryFindingIsTested: each code has a case that gives it.
func TestEveryFindingIsTested(t *testing.T) {
	t.Parallel()
	found := map[string]bool{
		"date_in_future": true, "date_too_old": true, // TestDatesAroundToday
		"original_unknown": true, "credit_note_late": true, // original_test.go
		"cess_ended": true, "retail_sale_price_missing": true, // cess_test.go
		"bill_of_supply_expected": true, // TestBillsOfSupply
		"reporting_late":          true, // TestEInvoicesAreReportedWithin30Days
	}
	for _, tc := range allCases() {
		for _, code := range tc.codes {
			found[code] = true
		}
	}
	codes := gst.FindingCodes()
	require.Len(t, found, len(codes))
	for _, c := range codes {
		require.True(t, found[c.Code], c.Code)
		require.NotEmpty(t, c.Source, c.Code)
		require.True(t, len(c.Blocks) > 0 || c.Advice, "what blocks nothing is advice: %s", c.Code)
	}
}

const findingsPage = "../../docs/findings.md"

// TestFindingsPage holds docs/findings.md to the code and to the introduction in testdata: go test
// ./shared/gst -run Page -update.
func TestFindingsPage(t *testing.T) {
	t.Parallel()
	introduction, err := os.ReadFile("testdata/findings.md")
	require.NoError(t, err)
	var page strings.Builder
	page.Write(introduction)
	for _, c := range gst.FindingCodes() {
		blocks := cmp.Or(strings.Join(c.Blocks, ", "), "nothing")
		if c.Advice {
			blocks += " (advice)"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", c.Code, c.Meaning, blocks, c.Source)
	}
	if *update {
		require.NoError(t, os.WriteFile(findingsPage, []byte(page.String()), 0o600))
	}
	text, err := os.ReadFile(findingsPage)
	require.NoError(t, err)
	require.Equal(t, page.String(), string(text), "run go test ./shared/gst -run Page -update")
}
