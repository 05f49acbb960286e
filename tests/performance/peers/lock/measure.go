package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

func ms(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

// basics acquires and releases uncontended locks n times.
func basics(ctx context.Context, l locker, n int) (map[string][]float64, error) {
	took := map[string][]float64{}
	for i := range n {
		began := time.Now()
		release, err := l.acquire(ctx, fmt.Sprintf("free-%d", i%20), 0)
		if err != nil {
			return nil, err
		}
		took["acquire"] = append(took["acquire"], ms(began))
		began = time.Now()
		if err := release(ctx); err != nil {
			return nil, err
		}
		took["release"] = append(took["release"], ms(began))
	}
	return took, nil
}

const lease = 2 * time.Second

// takeovers measures how long a contender waits for the lock of a dead holder: from the
// acquisition on, and from half a second after the lease has ended.
func takeovers(ctx context.Context, open func(time.Duration) locker) (map[string][]float64, error) {
	const locks = 5
	var mu sync.Mutex
	var failed error
	took := map[string][]float64{}
	var all sync.WaitGroup
	for what, wait := range map[string]time.Duration{"at once": 0, "after": lease + lease/4} {
		for i := range locks {
			all.Go(func() {
				t, err := takeover(ctx, open, fmt.Sprintf("%s-%d", what, i), wait)
				mu.Lock()
				defer mu.Unlock()
				took[what], failed = append(took[what], t), errors.Join(failed, err)
			})
		}
	}
	all.Wait()
	return took, failed
}

func takeover(
	ctx context.Context, open func(time.Duration) locker, name string, wait time.Duration,
) (float64, error) {
	if _, err := open(lease).acquire(ctx, name, 0); err != nil {
		return 0, err
	}
	time.Sleep(wait)
	began := time.Now()
	_, err := open(lease).acquire(ctx, name, 20*time.Second)
	return ms(began), err
}

// crowd is the result of the contenders for one lock.
type crowd struct {
	Wait     []float64 `json:"wait"`  // ms, of each acquisition
	Share    []int     `json:"share"` // acquisitions of each contender
	Seconds  float64   `json:"seconds"`
	Overlaps int64     `json:"overlaps"` // acquisitions while another contender held the lock
}

// contend has 32 contenders acquire one lock in a loop and hold it for a millisecond.
func contend(ctx context.Context, open func(time.Duration) locker) (*crowd, error) {
	const contenders, window = 32, 8 * time.Second
	c := &crowd{Share: make([]int, contenders), Seconds: window.Seconds()}
	end, cancel := context.WithCancel(ctx) // no deadline: shared/durable/lock shortens its leases to one
	defer time.AfterFunc(window, cancel).Stop()
	defer cancel()
	var mu sync.Mutex
	var holders, overlaps atomic.Int64
	var failed error
	var all sync.WaitGroup
	for i := range contenders {
		l := open(30 * time.Second) // longer than the window, so that no lease expires
		all.Go(func() {
			for end.Err() == nil {
				waited, err := hold(end, ctx, l, &holders, &overlaps)
				if err != nil && end.Err() != nil {
					return
				}
				mu.Lock()
				failed = errors.Join(failed, err)
				c.Wait = append(c.Wait, waited)
				c.Share[i]++
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	c.Overlaps = overlaps.Load()
	return c, failed
}

// hold waits for the lock until the window ends. It releases the lock even then.
func hold(window, free context.Context, l locker, holders, overlaps *atomic.Int64) (float64, error) {
	began := time.Now()
	release, err := l.acquire(window, "wanted", time.Minute)
	if err != nil {
		return 0, err
	}
	waited := ms(began)
	if holders.Add(1) > 1 {
		overlaps.Add(1)
	}
	time.Sleep(time.Millisecond)
	holders.Add(-1)
	return waited, release(free)
}
