package contract_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/retention"
)

// TestLawsAreDocumented: docs/privacy.md has the laws of the code, and the places of its copies.
func TestLawsAreDocumented(t *testing.T) {
	t.Parallel()
	text := documents(t)["docs/privacy.md"]
	for _, s := range retention.Statutes() {
		row := fmt.Sprintf("\n| %s | %s | %s | %s |\n", s.Citation, s.InForce, s.Who, s.Until("2025-11-26"))
		require.Contains(t, text, row)
	}
	for _, law := range retention.Laws() {
		require.Contains(t, text, "\n| "+law.Basis()+" | ")
	}
	require.Contains(t, text, "\n| "+retention.MinimumYearCitation+" | from "+string(retention.MinimumYear)+",")
	for _, c := range erasure.Copies() {
		require.Contains(t, text, "(`"+c.Where+"`) |\n")
	}
}
