// Package fault is a proxy that stands between functions and AWS, and has calls fail by
// rules: late, refused, made twice, or made with the reply lost. Without rules it passes
// everything on.
package fault

import (
	"fmt"
	"slices"
)

// Services that rules name.
const (
	DynamoDB    = "DynamoDB"
	SQS         = "SQS"
	EventBridge = "EventBridge"
	States      = "StepFunctions"
	Lambda      = "Lambda"
)

// What becomes of a call.
const (
	Refuse    = "refuse"     // it does not arrive; the caller is told Code
	Twice     = "twice"      // it arrives two times; the caller is told the second answer
	LoseReply = "lose reply" // it arrives, and the connection breaks before the answer
)

// Rule is a fault of calls. Every rule that fits delays a call; what becomes of it the
// first says that says anything.
type Rule struct {
	Service    string   `json:"service"`
	Operations []string `json:"operations,omitempty"` // as AWS names them; empty for all
	Share      float64  `json:"share"`                // of the calls, drawn for each: over 0, up to 1
	DelayMS    int      `json:"delay_ms,omitempty"`   // before anything else is done
	Do         string   `json:"do,omitempty"`         // empty to pass it on
	Code       string   `json:"code,omitempty"`       // of a refusal, as AWS names it
}

func (r Rule) check() error {
	_, known := refusals()[r.Service][r.Code]
	switch {
	case refusals()[r.Service] == nil:
		return fmt.Errorf("there is no service %q", r.Service)
	case r.Share <= 0 || r.Share > 1:
		return fmt.Errorf("a share of %g is not over 0 and up to 1", r.Share)
	case r.DelayMS < 0:
		return fmt.Errorf("a delay of %d ms", r.DelayMS)
	case r.Do == Refuse && !known:
		return fmt.Errorf("%s does not refuse with %q", r.Service, r.Code)
	case !slices.Contains([]string{"", Refuse, Twice, LoseReply}, r.Do):
		return fmt.Errorf("nothing is known as %q", r.Do)
	}
	return nil
}

func (r Rule) fits(c call) bool {
	return r.Service == c.service && (len(r.Operations) == 0 || slices.Contains(r.Operations, c.operation))
}
