package batch_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/resilience"
)

func TestEachItemOnceAndAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var running, most atomic.Int32
		seen := map[int]int{}
		began := time.Now() //nolint:forbidigo // the bubble's time
		batch.Each(20, 4, func(item int) {
			most.Store(max(most.Load(), running.Add(1)))
			_ = resilience.Sleep(t.Context(), time.Second)
			running.Add(-1)
			mu.Lock()
			defer mu.Unlock()
			seen[item]++
		})
		require.Len(t, seen, 20)
		require.Equal(t, int32(4), most.Load())
		require.Equal(t, 5*time.Second, time.Since(began))
	})
	batch.Each(0, 4, func(int) { t.Error("no item") })
}
