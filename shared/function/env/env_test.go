package env_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/env"
)

func reader(vars map[string]string) *env.Reader {
	return env.New(func(name string) string { return vars[name] })
}

func TestErrReportsEverythingMissing(t *testing.T) {
	t.Parallel()
	r := reader(map[string]string{"WAIT": "soon"})
	r.Required("TABLE")
	r.Required("QUEUE")
	require.Equal(t, 5*time.Second, r.Duration("WAIT", 5*time.Second))
	require.ErrorContains(t, r.Err(), "TABLE is not set")
	require.ErrorContains(t, r.Err(), "QUEUE is not set")
	require.ErrorContains(t, r.Err(), `WAIT is not a positive duration such as 5s: "soon"`)
}

func TestValuesAndFallbacks(t *testing.T) {
	t.Parallel()
	r := reader(map[string]string{"TIMEOUT_MS": "1500", "SAMPLE": "0.25"})
	require.Equal(t, 1500*time.Millisecond, r.Milliseconds("TIMEOUT_MS", time.Second))
	require.Equal(t, time.Second, r.Milliseconds("ABSENT", time.Second))
	require.InDelta(t, 0.25, r.Fraction("SAMPLE", 1), 0)
	require.InDelta(t, 1, r.Fraction("ABSENT", 1), 0)
	require.NoError(t, r.Err())
}

func TestMalformedNumbersAreReported(t *testing.T) {
	t.Parallel()
	for value, read := range map[string]func(*env.Reader) any{
		"0":       func(r *env.Reader) any { return r.PositiveInt("N", 7) },
		"1000001": func(r *env.Reader) any { return r.PositiveInt("N", 7) },
		"5s":      func(r *env.Reader) any { return int(r.Milliseconds("N", 7*time.Millisecond).Milliseconds()) },
		"1.5":     func(r *env.Reader) any { return int(r.Fraction("N", 7)) },
		"NaN":     func(r *env.Reader) any { return int(r.Fraction("N", 7)) },
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			r := reader(map[string]string{"N": value})
			require.Equal(t, 7, read(r), "the fallback")
			require.ErrorContains(t, r.Err(), "N is not a")
			require.ErrorContains(t, r.Err(), fmt.Sprintf("%q", value))
		})
	}
}

func Example() {
	r := reader(map[string]string{"TABLE": "invoices", "WAIT": "250ms"})
	table, wait := r.Required("TABLE"), r.Duration("WAIT", time.Second)
	fmt.Println(table, wait, r.Optional("LEVEL", "info"), r.Err())
	// Output: invoices 250ms info <nil>
}
