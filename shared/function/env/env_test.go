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
	r := reader(map[string]string{"WAIT": "soon"})
	r.Required("TABLE")
	r.Required("QUEUE")
	require.Equal(t, 5*time.Second, r.Duration("WAIT", 5*time.Second))
	require.ErrorContains(t, r.Err(), "TABLE is not set")
	require.ErrorContains(t, r.Err(), "QUEUE is not set")
	require.ErrorContains(t, r.Err(), "WAIT is not a positive duration")
}

func TestNumbers(t *testing.T) {
	r := reader(map[string]string{"TIMEOUT_MS": "1500", "MOST": "0", "MORE": "1000001", "WORD": "5s"})
	require.Equal(t, 1500*time.Millisecond, r.Milliseconds("TIMEOUT_MS", time.Second))
	require.Equal(t, time.Second, r.Milliseconds("ABSENT", time.Second))
	require.NoError(t, r.Err())
	require.Equal(t, 7, r.PositiveInt("MOST", 7))
	require.ErrorContains(t, r.Err(), "MOST is not a whole number")
	r.PositiveInt("MORE", 7)
	require.ErrorContains(t, r.Err(), "MORE is not")
	r.Milliseconds("WORD", time.Second)
	require.ErrorContains(t, r.Err(), "WORD is not")
}

func Example() {
	r := reader(map[string]string{"TABLE": "invoices", "WAIT": "250ms"})
	table, wait := r.Required("TABLE"), r.Duration("WAIT", time.Second)
	fmt.Println(table, wait, r.Optional("LEVEL", "info"), r.Err())
	// Output: invoices 250ms info <nil>
}
