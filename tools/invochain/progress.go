package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// progressInterval is the time between two lines of a progress.
const progressInterval = 2 * time.Second

// progress prints how far an act on many messages is.
type progress struct {
	to    io.Writer
	past  string // what was done: redriven
	total int    // messages when it began, about
	done  atomic.Int64
}

func newProgress(to io.Writer, past string, total int) *progress {
	return &progress{to: to, past: past, total: total}
}

// start prints a line every two seconds, with the rate since the last one, until stop is called.
func (p *progress) start() (stop func()) {
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(progressInterval)
		defer ticker.Stop()
		for last := int64(0); ; {
			select {
			case <-ended:
				return
			case <-ticker.C:
				n := p.done.Load()
				rate := (n - last) / int64(progressInterval/time.Second)
				_, _ = fmt.Fprintf(p.to, "%d of about %d %s, %d a second\n", n, p.total, p.past, rate)
				last = n
			}
		}
	})
	return func() {
		close(ended)
		wg.Wait()
	}
}
