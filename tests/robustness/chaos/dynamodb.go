package main

import (
	"net/http"
	"time"

	"github.com/invochain/invochain/tools/faults/fault"
)

// slow is what DynamoDB takes more for a call.
const slow = 500 * time.Millisecond

// slowTables has every call of a function to DynamoDB take half a second, and then half
// of them be throttled.
func slowTables() experiment {
	return experiment{
		name: "dynamodb",
		hypothesis: "with DynamoDB slow for half a minute, callers wait and are served; with half of its calls throttled " +
			"they are served, or told when to come back; nothing is lost or done twice",
		phases: []phase{
			{title: "each call to DynamoDB takes 500 ms more", last: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.DynamoDB, Share: 1, DelayMS: int(slow.Milliseconds())},
			}},
			{title: "half of the calls to DynamoDB are throttled", last: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.DynamoDB, Share: 0.5, Do: fault.Refuse, Code: "ThrottlingException"},
			}},
		},
		expect: expectPatience,
		// Half of all calls throttled is more than three attempts make up for: some requests
		// are refused, far more than one in seventy.
		must: []string{"ErrorsFast"},
		// Half of the run's requests are slow or refused; how many of the rules' windows fill
		// with them depends on what else is in them. Compensations are throttled too.
		may: []string{
			"ErrorsSteady", "ErrorsSlow", "LatencyFast", "LatencySteady", "LatencySlow",
			"SagaStuck", "DeadLetters",
		},
	}
}

func expectPatience(r *run) {
	// Those that were still under way when the throttling began are the second phase's.
	during := those(r.load.between(r.began[0], r.began[1]), func(a answer) bool { return a.At.Add(a.Took).Before(r.began[1]) })
	ok := those(during, func(a answer) bool { return a.Status == http.StatusCreated })
	r.check(len(ok) > 0 && quantile(ok, 0.5) > slow, "slow: answers of 201 take p50 %d ms, p95 %d ms", ms(quantile(ok, 0.5)), ms(quantile(ok, 0.95)))
	r.check(len(ok) == len(during), "slow: %d of %d answers are 201", len(ok), len(during))
	r.honestOnly(r.load.between(r.began[0], r.healed))
}
