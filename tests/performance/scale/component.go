package main

import (
	"slices"
	"time"
)

// component counts what one part of the cell is asked and what it serves.
type component struct {
	name   string
	limit  time.Duration // of its 95th percentile, and of the age of what waits
	asked  int
	served int
	took   []time.Duration
	// broke is when it broke: more than 1 % of a second's requests were refused, or one took longer than
	// twice the limit. 0 means never.
	broke          time.Duration
	second         time.Duration
	inSecond, lost int
	set            bool // a setting: it is counted and not enforced
}

func (c *component) ask(now time.Duration) {
	if now.Truncate(time.Second) != c.second {
		c.second, c.inSecond, c.lost = now.Truncate(time.Second), 0, 0
	}
	c.inSecond++
	if now >= ramp {
		c.asked++
	}
}

// serve records a request that was asked at began.
func (c *component) serve(began, now time.Duration) {
	if now >= ramp {
		c.served++
		c.took = append(c.took, now-began)
	}
	if now-began > 2*c.limit {
		c.breaks(now)
	}
}

// refuse records a request that was refused, or a wait that ended without success.
func (c *component) refuse(now time.Duration) {
	c.lost++
	if c.lost > 5 && c.lost*100 > c.inSecond {
		c.breaks(now)
	}
}

func (c *component) breaks(now time.Duration) {
	if c.broke == 0 {
		c.broke = now
	}
}

// p95 returns the 95th percentile of the times.
func (c *component) p95() time.Duration {
	if len(c.took) == 0 {
		return 0
	}
	slices.Sort(c.took)
	return c.took[len(c.took)*95/100]
}
