package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

func TestDescribe(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	open := breaker.Snapshot{
		State: breaker.Open, Generation: 4, Until: now.UnixMilli() + 20_000, ChangedAt: now.UnixMilli() - 10_000,
		ChangedBy: breaker.Automatic, Reason: "10 of 12 calls failed",
	}
	require.Contains(t, describe(open, now), "inventory  OPEN  automatic  generation 4\n")
	require.Contains(t, describe(open, now), "by automatic: 10 of 12 calls failed")
	require.Contains(t, describe(open, now), "probe    from ")
	require.Contains(t, describe(open, now.Add(time.Minute)), "the next request makes it")
	open.ProbeUntil = now.UnixMilli() + 1
	require.Contains(t, describe(open, now), "under way")
	held := breaker.Snapshot{State: breaker.Closed, Forced: true, ChangedBy: "asha", ChangedAt: now.UnixMilli()}
	require.Contains(t, describe(held, now), "CLOSED  held by asha")
	require.NotContains(t, describe(held, now), "probe")
}
