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

func TestFinancialYear(t *testing.T) {
	for day, year := range map[gst.Date]string{"2026-03-31": "2526", "2026-04-01": "2627", "2099-12-31": "9900", "2017-07-01": "1718"} {
		require.Equal(t, year, day.FinancialYear(), day)
	}
}

func TestFinancialYearName(t *testing.T) {
	for day, year := range map[gst.Date]string{"2026-03-31": "2025-26", "2026-04-01": "2026-27", "2099-12-31": "2099-00", "no date": ""} {
		require.Equal(t, year, day.FinancialYearName(), day)
	}
}

func TestNumbersCompareWithoutCase(t *testing.T) {
	a, b := gst.Invoice{InvoiceNumber: "Inv/25-26/a1"}, gst.Invoice{InvoiceNumber: "INV/25-26/A1"}
	require.Equal(t, b.InvoiceNumber, a.NumberKey())
	require.Equal(t, a.NumberKey(), b.NumberKey())
}

func TestDatesAreRealDays(t *testing.T) {
	for _, day := range []string{"2017-07-01", "2024-02-29", "2099-12-31"} {
		d, err := gst.ParseDate(day)
		require.NoError(t, err)
		require.Equal(t, day, string(d))
	}
	for _, day := range []string{
		"2025-02-30", "2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "25-11-26", "26-11-2025", "2025/11/26", "2025-11-26T00:00:00Z",
		" 2025-11-26", "२०२५-११-२६", "2017-06-30", "2100-01-01", "-025-11-26", "",
	} {
		_, err := gst.ParseDate(day)
		require.Error(t, err, day)
	}
}
