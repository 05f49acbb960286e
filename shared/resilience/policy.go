package resilience

import "time"

// Attempts that a call may take, the first included.
const Attempts = 3

// Policy of one dependency. Zero values take the defaults that stand behind them.
type Policy struct {
	Timeout  time.Duration // of a call with all its attempts; 5 s
	Attempt  time.Duration // of one attempt; half of Timeout, so that a second fits
	InFlight int           // calls of one process under way at once; 64
	Queue    time.Duration // what a call waits for a place among them; 100 ms
}

// WithDefaults fills in what is not set.
func (p Policy) WithDefaults() Policy {
	p.Timeout = orDefault(p.Timeout, 5*time.Second)
	p.Attempt = orDefault(p.Attempt, p.Timeout/2)
	p.InFlight = orDefault(p.InFlight, 64)
	p.Queue = orDefault(p.Queue, 100*time.Millisecond)
	return p
}

func orDefault[T time.Duration | int](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}
