package main

import (
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/tools/faults/fault"
)

// queuesRefuse makes SQS and EventBridge refuse every call of the functions, and then
// deliver everything twice.
func queuesRefuse() experiment {
	return experiment{
		name: "queues",
		hypothesis: "callers do not notice that SQS and EventBridge refuse everything for half a minute, or deliver it " +
			"twice; audit entries and events follow later, once each",
		phases: []phase{
			{title: "SQS and EventBridge refuse every call", duration: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.SQS, Share: 1, Do: fault.Refuse, Code: "RequestThrottled"},
				{Service: fault.EventBridge, Share: 1, Do: fault.Refuse, Code: "InternalException"},
			}},
			{title: "SQS and EventBridge deliver everything twice", duration: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.SQS, Operations: []string{"SendMessage", "SendMessageBatch"}, Share: 1, Do: fault.Twice},
				{Service: fault.EventBridge, Operations: []string{"PutEvents"}, Share: 1, Do: fault.Twice},
			}},
		},
		// No caller waits long for a queue, and delays stay below the alert rules' thresholds.
		expect: func(r *run) {
			list := r.load.between(r.began[0], r.healed)
			bad := filter(list, func(a answer) bool { return a.Status != http.StatusCreated })
			r.none(len(bad), "each of %d answers is a 201, p95 %d ms", len(list), ms(quantile(list, 0.95)))
			// An answer may wait for its audit request to be sent.
			send := issuance.DefaultLimits().AuditSend
			bound := steadyP95 + send
			r.check(quantile(list, 0.95) < bound, "no answer waits longer than %d ms for a queue: p95 %d ms (under %d)",
				ms(send), ms(quantile(list, 0.95)), ms(bound))
		},
	}
}
