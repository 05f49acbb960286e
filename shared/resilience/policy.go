package resilience

import (
	"cmp"
	"time"
)

// Attempts is the default number of attempts of a call, including the first.
const Attempts = 3

// Policy bounds the calls to one dependency. Zero values mean the defaults noted on each
// field.
type Policy struct {
	Timeout        time.Duration // of a call with all its attempts; default 5 s
	AttemptTimeout time.Duration // of one attempt; default half of Timeout, so that a second one fits
	MaxInFlight    int           // concurrent calls of one process; default 64
	MaxWait        time.Duration // for a slot among the calls in flight; default 100 ms
}

// WithDefaults returns p with the default in place of each zero value.
func (p Policy) WithDefaults() Policy {
	p.Timeout = cmp.Or(p.Timeout, 5*time.Second)
	p.AttemptTimeout = cmp.Or(p.AttemptTimeout, p.Timeout/2)
	p.MaxInFlight = cmp.Or(p.MaxInFlight, 64)
	p.MaxWait = cmp.Or(p.MaxWait, 100*time.Millisecond)
	return p
}
