package main

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// clock runs events in the order of their times.
type clock struct {
	now    time.Duration
	queue  events
	serial int
}

type event struct {
	at     time.Duration
	serial int // of events at the same time, the first that was planned is first
	do     func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].serial < e[j].serial
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(v any)   { *e = append(*e, v.(event)) } //nolint:forcetypeassert // of this file alone
func (e *events) Pop() any {
	last := len(*e) - 1
	v := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return v
}

func (c *clock) after(d time.Duration, do func()) {
	c.serial++
	heap.Push(&c.queue, event{c.now + d, c.serial, do})
}

func (c *clock) runUntil(end time.Duration) {
	for len(c.queue) > 0 && c.queue[0].at <= end {
		e := heap.Pop(&c.queue).(event) //nolint:forcetypeassert // of this file alone
		c.now = e.at
		e.do()
	}
}

// item is one that a transaction holds. Another one that meets it is refused, as by DynamoDB.
type item struct{ until time.Duration }

func (i *item) hold(now, d time.Duration) bool {
	if now < i.until {
		return false
	}
	i.until = now + d
	return true
}

// bucket admits rate units a second, and burst at once.
type bucket struct {
	rate, burst, level float64
	last               time.Duration
}

// newBucket returns a bucket that admits a second's worth at once.
func newBucket(rate float64) *bucket { return &bucket{rate: rate, burst: rate, level: rate} }

func (b *bucket) take(now time.Duration, units float64) bool {
	b.level = min(b.burst, b.level+float64(b.rate*(now-b.last).Seconds()))
	b.last = now
	if b.level < units {
		return false
	}
	b.level -= units
	return true
}

// held draws how long a transaction holds its items.
func held(r *rand.Rand) time.Duration {
	return min(heldMax, heldLeast+time.Duration(r.ExpFloat64()*float64(heldRest)))
}

// backoff draws the pause after so many attempts, as package resilience does.
func backoff(r *rand.Rand, attempt int) time.Duration {
	bound := lastPause
	if attempt < 6 {
		bound = min(lastPause, firstPause<<(attempt-1))
	}
	return time.Duration(r.Int64N(int64(bound))) + 1
}
