// Package fault provides a proxy between functions and AWS that fails calls by rules: it
// delays them, refuses them, sends them twice, or loses their reply. Without rules it passes
// every call on.
package fault

import (
	"fmt"
	"slices"
)

// Services that a rule can name.
const (
	DynamoDB    = "DynamoDB"
	SQS         = "SQS"
	EventBridge = "EventBridge"
	States      = "StepFunctions"
	Lambda      = "Lambda"
)

// Faults of a call besides a delay.
const (
	Refuse    = "refuse"     // it is not sent; the caller receives the error Code
	Twice     = "twice"      // it is sent twice; the caller receives the second response
	LoseReply = "lose reply" // it is sent; the connection breaks before the response
)

// Rule is a fault for some calls. The delays of all matching rules add up. Of their other
// faults, the first one applies.
type Rule struct {
	Service    string   `json:"service"`
	Operations []string `json:"operations,omitempty"` // as AWS names them; empty for all
	Share      float64  `json:"share"`                // of the calls, drawn at random for each: above 0, at most 1
	DelayMS    int      `json:"delay_ms,omitempty"`   // before any other fault
	Do         string   `json:"do,omitempty"`         // Refuse, Twice, LoseReply, or empty for none
	Code       string   `json:"code,omitempty"`       // of Refuse, as AWS names it
}

// check returns an error if the rule is invalid.
func (r Rule) check() error {
	_, known := refusals()[r.Service][r.Code]
	switch {
	case refusals()[r.Service] == nil:
		return fmt.Errorf("unknown service %q", r.Service)
	case r.Share <= 0 || r.Share > 1:
		return fmt.Errorf("share %g is not above 0 and at most 1", r.Share)
	case r.DelayMS < 0:
		return fmt.Errorf("delay of %d ms is negative", r.DelayMS)
	case r.Do == Refuse && !known:
		return fmt.Errorf("%s has no error %q", r.Service, r.Code)
	case !slices.Contains([]string{"", Refuse, Twice, LoseReply}, r.Do):
		return fmt.Errorf("unknown fault %q", r.Do)
	}
	return nil
}

// matches reports whether the rule names a call.
func (r Rule) matches(c call) bool {
	return r.Service == c.service && (len(r.Operations) == 0 || slices.Contains(r.Operations, c.operation))
}
