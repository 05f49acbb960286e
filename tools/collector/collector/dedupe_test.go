package collector

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestIDsAreRememberedForTheWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d := &dedupe{window: time.Hour, limit: 10}
	d.add("first", now)
	for i := range 2 {
		now = now.Add(time.Hour)
		require.True(t, d.has("first"), "for at least the window")
		d.add(strconv.Itoa(i), now)
	}
	require.False(t, d.has("first"))
	require.True(t, d.has("0"))
	require.False(t, d.has("unknown"))
}

func TestIDsAreBounded(t *testing.T) {
	t.Parallel()
	d := &dedupe{window: time.Hour, limit: 10}
	for i := range 1000 {
		d.add(strconv.Itoa(i), time.Time{})
		require.LessOrEqual(t, len(d.young)+len(d.old), 20)
		require.True(t, d.has(strconv.Itoa(max(0, i-9))), "the last ten are remembered")
	}
}
