package queue_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

// drawBackoffs returns a hundred backoffs of messages that fail at their nth receive.
func drawBackoffs(t *testing.T, nth int) []time.Duration {
	t.Helper()
	f := &fakeSQS{}
	bodies := strings.Fields(strings.Repeat(fmt.Sprintf("away@%d ", nth), 100))
	consumer(f).Handle(t.Context(), batch(bodies...), handle)
	require.Len(t, f.backoffs, 100)
	var all []time.Duration
	for _, seconds := range f.backoffs {
		all = append(all, time.Duration(seconds)*time.Second)
	}
	return all
}

func TestBackoffsGrow(t *testing.T) {
	t.Parallel()
	for nth, seconds := range map[int]int{0: 5, 1: 5, 2: 10, 3: 20, 4: 25, queue.MaxReceives - 1: 25, 100: 101, 300: 750} {
		t.Run(fmt.Sprintf("receive %d", nth), func(t *testing.T) {
			t.Parallel()
			least := time.Duration(seconds) * time.Second
			distinct := map[time.Duration]bool{}
			for _, backoff := range drawBackoffs(t, nth) {
				distinct[backoff] = true
				require.GreaterOrEqual(t, backoff, least)
				require.LessOrEqual(t, backoff, min(least+least/5, queue.MaxBackoff))
			}
			require.Greater(t, len(distinct), 1, "messages that failed together are not received together")
		})
	}
}

// TestNoMessageIsDeadLetteredEarly: an outage of a quarter of an hour dead-letters none.
func TestNoMessageIsDeadLetteredEarly(t *testing.T) {
	t.Parallel()
	var least time.Duration
	for nth := 1; nth < queue.MaxReceives; nth++ {
		shortest := time.Hour
		for _, backoff := range drawBackoffs(t, nth) {
			shortest = min(shortest, backoff)
		}
		least += shortest
	}
	require.Greater(t, least, 15*time.Minute)
	require.Less(t, least, 20*time.Minute, "a message that never succeeds is dead-lettered in reasonable time")
}

func TestOnlyFailedMessagesBackOff(t *testing.T) {
	t.Parallel()
	f := &fakeSQS{}
	consumer(f).Handle(t.Context(), batch("a", "poison", "fail@39", "b"), handle)
	require.Zero(t, f.backoffCalls)
	consumer(f).Handle(t.Context(), batch("a", "fail", "poison", "panic", "b"), handle)
	require.Len(t, f.backoffs, 2)
	require.Contains(t, f.backoffs, "receipt-1")
	require.Contains(t, f.backoffs, "receipt-3")
	require.Equal(t, 1, f.backoffCalls, "one call for the batch")
}

// TestSettingABackoffDelaysNoResponse: it takes a second at most, and a message whose
// backoff was not set is reported as failed all the same.
func TestSettingABackoffDelaysNoResponse(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*fakeSQS{
		"the call hangs":       {hangs: true},
		"the entry is refused": {backoffs: map[string]int32{"receipt-0": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				c := consumer(f)
				c.Log = slog.New(slog.NewJSONHandler(&log, nil))
				started := time.Now() //nolint:forbidigo // the bubble's clock
				require.Equal(t, []string{"0"}, failedIDs(c.Handle(t.Context(), batch("fail", "a"), handle)))
				require.LessOrEqual(t, time.Since(started), time.Second)
				require.Equal(t, 1, f.backoffCalls)
				require.Contains(t, log.String(), "backoff not set")
			})
		})
	}
}
