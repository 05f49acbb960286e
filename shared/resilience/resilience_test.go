package resilience_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/resilience"
)

func TestBackoffDoublesUpToItsLastBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := resilience.Backoff{First: 10 * time.Millisecond, Last: 40 * time.Millisecond}
		for _, bound := range []int{10, 20, 40, 40} {
			started := time.Now() //nolint:forbidigo // the bubble's clock
			require.NoError(t, b.Wait(t.Context()))
			require.LessOrEqual(t, int(time.Since(started).Milliseconds()), bound)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, resilience.Sleep(ctx, time.Hour), context.Canceled)
}

func ExampleBackoff() {
	b := resilience.Backoff{First: time.Microsecond, Last: time.Millisecond}
	attempts := 0
	for attempts = 1; attempts < 3; attempts++ {
		if b.Wait(context.Background()) != nil {
			break
		}
	}
	fmt.Println(attempts)
	// Output: 3
}

func ExamplePolicy_WithDefaults() {
	p := resilience.Policy{Timeout: 2 * time.Second}.WithDefaults()
	fmt.Println(p.Timeout, p.AttemptTimeout, p.MaxInFlight, p.MaxWait)
	// Output: 2s 1s 64 100ms
}
