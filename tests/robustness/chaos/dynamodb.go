package main

import (
	"net/http"
	"time"

	"github.com/invochain/invochain/tools/faults/fault"
)

// slow is the latency added to each DynamoDB call.
const slow = 500 * time.Millisecond

// slowTables delays every DynamoDB call of a function by half a second, and then throttles
// half of them.
func slowTables() experiment {
	return experiment{
		name: "dynamodb",
		hypothesis: "with DynamoDB slow for half a minute, callers wait and are served; with half of its calls throttled " +
			"they are served or get a Retry-After; nothing is lost or done twice",
		phases: []phase{
			{title: "each call to DynamoDB takes 500 ms more", duration: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.DynamoDB, Share: 1, DelayMS: int(slow.Milliseconds())},
			}},
			{title: "half of the calls to DynamoDB are throttled", duration: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.DynamoDB, Share: 0.5, Do: fault.Refuse, Code: "ThrottlingException"},
			}},
		},
		expect: expectPatience,
		// Three attempts do not make up for half of all calls being throttled: far more than
		// one request in seventy is refused.
		must: []string{"ErrorsFast"},
		// Half of the run's requests are slow or refused. How many of the rules' windows exceed
		// their threshold depends on the other requests. Compensations are throttled too.
		may: []string{
			"ErrorsSteady", "ErrorsSlow", "LatencyFast", "LatencySteady", "LatencySlow",
			"SagaStuck", "DeadLetters",
		},
	}
}

func expectPatience(r *run) {
	// Requests still in flight when the throttling began belong to the second phase.
	endedBefore := func(a answer) bool { return a.Sent.Add(a.Took).Before(r.began[1]) }
	during := filter(r.load.between(r.began[0], r.began[1]), endedBefore)
	ok := filter(during, func(a answer) bool { return a.Status == http.StatusCreated })
	r.check(len(ok) > 0 && quantile(ok, 0.5) > slow,
		"slow: 201 takes p50 %d ms, p95 %d ms", ms(quantile(ok, 0.5)), ms(quantile(ok, 0.95)))
	r.check(len(ok) == len(during), "slow: %d of %d answers are 201", len(ok), len(during))
	r.onlyExpectedStatuses(r.load.between(r.began[0], r.healed))
}
