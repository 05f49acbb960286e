package collector

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
)

// TestAMillionLabels: a million different labels make a bounded number of series.
func TestAMillionLabels(t *testing.T) {
	t.Parallel()
	s := newSums(100, metric.Catalogue())
	for i := range 1_000_000 {
		s.add(delta{Name: metric.RetryAttempts, Labels: map[string]string{"dependency": strconv.Itoa(i)}, Value: 1})
	}
	require.Len(t, s.metrics[metric.RetryAttempts].series, 101)
	require.EqualValues(t, 999_900_000, s.metrics[metric.RetryAttempts].at([]string{overflowValue}).total)
}

func TestAMalformedValueIsRefused(t *testing.T) {
	t.Parallel()
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.001, 1e13} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s := newSums(1, metric.Catalogue())
			require.Equal(t, malformed, s.add(delta{Name: metric.SagaStarted, Value: n}))
			require.Zero(t, s.metrics[metric.SagaStarted].at(nil).total)
		})
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for want, tc := range map[string]struct {
		n      int64
		digits int
	}{
		"0": {0, 3}, "0.001": {1, 3}, "1.5": {1500, 3}, "100": {100_000, 3}, "10": {10_000_000_000, 9},
		"0.000000001": {1, 9}, "9223372036854775.807": {math.MaxInt64, 3},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, decimal(tc.n, tc.digits))
		})
	}
}
