package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

func TestFinancialYear(t *testing.T) {
	for day, want := range map[gst.Date]struct{ year, name string }{
		"2017-07-01": {"1718", "2017-18"}, "2026-03-31": {"2526", "2025-26"}, "2026-04-01": {"2627", "2026-27"},
		"2099-12-31": {"9900", "2099-00"}, "no date": {},
	} {
		t.Run(string(day), func(t *testing.T) {
			require.Equal(t, want.year, day.FinancialYear())
			require.Equal(t, want.name, day.FinancialYearName())
		})
	}
}

func TestParseDate(t *testing.T) {
	for _, day := range []string{"2017-07-01", "2024-02-29", "2099-12-31"} {
		t.Run(day, func(t *testing.T) {
			d, err := gst.ParseDate(day)
			require.NoError(t, err)
			require.Equal(t, day, string(d))
		})
	}
	for _, day := range []string{
		"2025-02-30", "2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "25-11-26", "26-11-2025", "2025/11/26",
		"2025-11-26T00:00:00Z", " 2025-11-26", "२०२५-११-२६", "2017-06-30", "2100-01-01", "-025-11-26", "",
	} {
		t.Run("not "+day, func(t *testing.T) {
			_, err := gst.ParseDate(day)
			require.Error(t, err)
		})
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("2025-11-26")
	f.Add("2025-02-30")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := gst.ParseDate(s)
		if err != nil {
			return
		}
		require.Equal(t, s, string(d))
		require.Len(t, d.FinancialYear(), 4)
		require.Equal(t, d.FinancialYear(), d.FinancialYearName()[2:4]+d.FinancialYearName()[5:])
	})
}
