package collector

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
)

// TestAMillionLabels offered leave a bounded number of series.
func TestAMillionLabels(t *testing.T) {
	s := newSums(100, metric.Catalogue())
	for i := range 1_000_000 {
		s.add(Delta{Name: metric.RetryAttempts, Labels: map[string]string{"dependency": strconv.Itoa(i)}, Value: 1})
	}
	require.Len(t, s.metrics[metric.RetryAttempts].series, 101)
	require.EqualValues(t, 999_900_000, s.metrics[metric.RetryAttempts].at([]string{Overflow}).total)
}

func TestWhatCannotBeAdded(t *testing.T) {
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.001, 1e13} {
		s := newSums(1, metric.Catalogue())
		require.Equal(t, malformed, s.add(Delta{Name: metric.SagaStarted, Value: n}), n)
		require.Zero(t, s.metrics[metric.SagaStarted].at(nil).total)
	}
}

func TestDecimal(t *testing.T) {
	for want, c := range map[string]struct {
		n      int64
		digits int
	}{
		"0": {0, 3}, "0.001": {1, 3}, "1.5": {1500, 3}, "100": {100_000, 3}, "10": {10_000_000_000, 9},
		"0.000000001": {1, 9}, "9223372036854775.807": {math.MaxInt64, 3},
	} {
		require.Equal(t, want, decimal(c.n, c.digits))
	}
}
