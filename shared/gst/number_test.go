package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

func TestSeriesNumber(t *testing.T) {
	n, err := gst.SeriesNumber("INV", "2526", 1)
	require.NoError(t, err)
	require.Equal(t, "INV/2526/0001", n)
	n, err = gst.SeriesNumber("ABCD", "2526", 999999)
	require.NoError(t, err)
	require.Len(t, n, 16)
	_, err = gst.SeriesNumber("ABCD", "2526", 1000000)
	require.ErrorIs(t, err, &problem.Error{Code: "series_exhausted"})
}

func TestNumbersCompareWithoutCase(t *testing.T) {
	a, b := gst.Invoice{InvoiceNumber: "Inv/25-26/a1"}, gst.Invoice{InvoiceNumber: "INV/25-26/A1"}
	require.Equal(t, b.InvoiceNumber, a.NumberKey())
	require.Equal(t, a.NumberKey(), b.NumberKey())
}
