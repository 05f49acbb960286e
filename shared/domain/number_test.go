package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

func TestSeriesNumber(t *testing.T) {
	n, err := domain.SeriesNumber("INV", "2526", 1)
	require.NoError(t, err)
	require.Equal(t, "INV/2526/0001", n)
	n, err = domain.SeriesNumber("ABCD", "2526", 999999)
	require.NoError(t, err)
	require.Len(t, n, 16)
	_, err = domain.SeriesNumber("ABCD", "2526", 1000000)
	require.ErrorIs(t, err, &domain.Error{Code: "series_exhausted"})
}

func TestFinancialYear(t *testing.T) {
	for day, year := range map[domain.Date]string{"2026-03-31": "2526", "2026-04-01": "2627", "2099-12-31": "9900", "2017-07-01": "1718"} {
		require.Equal(t, year, day.FinancialYear(), day)
	}
}
