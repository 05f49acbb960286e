package batch

import "sync"

// Each calls do with 0 to n-1, for at most workers of them at the same time, and returns when all calls
// have.
func Each(n, workers int, do func(i int)) {
	slots := make(chan struct{}, max(1, workers))
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wg.Wait()
}
