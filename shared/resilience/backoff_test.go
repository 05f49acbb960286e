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

func TestBackoffDoublesUpToItsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := resilience.Backoff{First: 10 * time.Millisecond, Last: 40 * time.Millisecond}
		for _, bound := range []int{10, 20, 40, 40} {
			began := time.Now() //nolint:forbidigo // the bubble's clock
			require.NoError(t, b.Wait(t.Context()))
			require.LessOrEqual(t, int(time.Since(began).Milliseconds()), bound)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
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
