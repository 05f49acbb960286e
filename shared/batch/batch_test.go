package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/batch"
)

func TestConcurrentItemsShareABatchUpToItsSize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		var mu sync.Mutex
		b := batch.New(10, func(_ context.Context, items []int) []batch.Result[int] {
			mu.Lock()
			defer mu.Unlock()
			sizes = append(sizes, len(items))
			return doubled(items)
		})
		var wg sync.WaitGroup
		for i := range 13 {
			wg.Go(func() {
				got, err := b.Do(t.Context(), i)
				require.NoError(t, err)
				require.Equal(t, 2*i, got, "each caller gets the result of its own item")
			})
		}
		wg.Wait()
		slices.Sort(sizes)
		require.Equal(t, []int{3, 10}, sizes)
	})
}

func TestASingleItemLingersBriefly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(10, func(_ context.Context, items []int) []batch.Result[int] { return doubled(items) })
		started := time.Now() //nolint:forbidigo // the bubble's clock
		_, err := b.Do(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, 2*time.Millisecond, time.Since(started))
	})
}

func TestABatchIsCancelledWhenItsLastCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cancelled := false
		b := batch.New(10, func(ctx context.Context, items []int) []batch.Result[int] {
			<-ctx.Done()
			cancelled = true
			return doubled(items)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := b.Do(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.True(t, cancelled)
	})
}

func doubled(items []int) []batch.Result[int] {
	results := make([]batch.Result[int], len(items))
	for i, n := range items {
		results[i].Value = 2 * n
	}
	return results
}

func ExampleBatcher() {
	prices := map[string]int{"TEA": 25000, "CUP": 9900}
	b := batch.New(100, func(_ context.Context, skus []string) []batch.Result[int] {
		results := make([]batch.Result[int], len(skus))
		for i, sku := range skus { // one query for all of them
			price, ok := prices[sku]
			results[i].Value = price
			if !ok {
				results[i].Err = errors.New("no such SKU")
			}
		}
		return results
	})
	var wg sync.WaitGroup
	answers := make([]string, 2)
	for i, sku := range []string{"TEA", "MUG"} {
		wg.Go(func() {
			price, err := b.Do(context.Background(), sku)
			answers[i] = fmt.Sprint(sku, " ", price, " ", err)
		})
	}
	wg.Wait()
	fmt.Println(answers[0])
	fmt.Println(answers[1])
	// Output:
	// TEA 25000 <nil>
	// MUG 0 no such SKU
}
