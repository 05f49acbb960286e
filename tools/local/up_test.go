package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// TestTheFirstRequest is that of the README, could be filed, has tax, a free number, and stock
// that seed has counted.
func TestTheFirstRequest(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	shown := regexp.MustCompile(`(?s)\nINVOICE='([^']*)'`).FindSubmatch(readme)
	require.Len(t, shown, 2)
	require.JSONEq(t, string(shown[1]), firstRequest)
	req, err := gst.ParseRequest([]byte(firstRequest))
	require.NoError(t, err)
	require.NotEmpty(t, req.Series)
	require.Regexp(t, `^SKU-0(0[1-9]|1[0-2])$`, req.Items[0].SKU)
	inv, err := gst.Assess(req, gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Strict}, "")
	require.NoError(t, err)
	require.Positive(t, inv.Totals.IGST)
}
