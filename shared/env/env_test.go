package env_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/env"
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

func Example() {
	r := reader(map[string]string{"TABLE": "invoices", "WAIT": "250ms"})
	table, wait := r.Required("TABLE"), r.Duration("WAIT", time.Second)
	fmt.Println(table, wait, r.Optional("LEVEL", "info"), r.Err())
	// Output: invoices 250ms info <nil>
}
