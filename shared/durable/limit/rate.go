package limit

import (
	"fmt"
	"time"
)

// Rate is what a key may do: PerSecond requests a second over time, and Burst requests at once
// after a pause.
type Rate struct {
	PerSecond int // 1 to 10,000
	Burst     int // 1 to a minute's requests
}

// Bounds of a Rate. A burst of a minute bounds how long a flood is charged for.
const (
	maxPerSecond    = 10_000
	maxBurstSeconds = 60
)

// Validate returns an error that names the bound which r exceeds.
func (r Rate) Validate() error {
	switch {
	case r.PerSecond < 1 || r.PerSecond > maxPerSecond:
		return fmt.Errorf("the rate must be from 1 to %d requests a second, not %d", maxPerSecond, r.PerSecond)
	case r.Burst < 1 || r.Burst > maxBurstSeconds*r.PerSecond:
		return fmt.Errorf("the burst must be from 1 to %d requests, a minute at this rate, not %d",
			maxBurstSeconds*r.PerSecond, r.Burst)
	default:
		return nil
	}
}

// each returns the interval by which a request moves the TAT, to the nanosecond.
func (r Rate) each() time.Duration { return time.Second / time.Duration(r.PerSecond) }

// tolerance returns how far the TAT may lie ahead after a request that is admitted.
func (r Rate) tolerance() time.Duration { return time.Duration(r.Burst) * r.each() }

// left returns how many requests are admitted at once.
func (r Rate) left(tat, now time.Time) int {
	return max(0, int((r.tolerance()-max(0, tat.Sub(now)))/r.each()))
}

// String returns the rate as an operator reads it.
func (r Rate) String() string { return fmt.Sprintf("%d/s, %d at once", r.PerSecond, r.Burst) }

// Policy is a limit by its name, which header fields and problem documents show, with the rate
// of a key for which an operator has set none.
type Policy struct {
	Name string // letters: it is sent as a structured field's string
	Rate Rate
}

// Key returns the key of one merchant or client under the policy.
func (p Policy) Key(id string) string { return p.Name + "#" + id }

// PerMerchant is the default plan: what one merchant may request by all its clients.
func PerMerchant() Policy { return Policy{Name: "merchant", Rate: Rate{PerSecond: 50, Burst: 100}} }

// PerClient is how often one client may ask for a token. A token lasts 15 minutes.
func PerClient() Policy { return Policy{Name: "client", Rate: Rate{PerSecond: 1, Burst: 10}} }
