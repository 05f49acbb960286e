package main

import (
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/tools/faults/fault"
)

// queuesRefuse has SQS and EventBridge take nothing from the functions, and then take
// everything twice.
func queuesRefuse() experiment {
	return experiment{
		name: "queues",
		hypothesis: "no caller notices that SQS and EventBridge take nothing for half a minute, or everything twice; " +
			"audit and events are made up for, once each",
		phases: []phase{
			{title: "SQS and EventBridge refuse every call", last: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.SQS, Share: 1, Do: fault.Refuse, Code: "RequestThrottled"},
				{Service: fault.EventBridge, Share: 1, Do: fault.Refuse, Code: "InternalException"},
			}},
			{title: "whatever is sent to SQS and EventBridge arrives twice", last: 30 * time.Second, rules: []fault.Rule{
				{Service: fault.SQS, Operations: []string{"SendMessage", "SendMessageBatch"}, Share: 1, Do: fault.Twice},
				{Service: fault.EventBridge, Operations: []string{"PutEvents"}, Share: 1, Do: fault.Twice},
			}},
		},
		// No caller waits for a queue for long, and what is late is late by less than the rules allow.
		expect: func(r *run) {
			list := r.load.between(r.began[0], r.healed)
			bad := those(list, func(a answer) bool { return a.Status != http.StatusCreated })
			r.none(len(bad), "each of %d answers is a 201, p95 %d ms", len(list), ms(quantile(list, 0.95)))
			// A committed answer may wait for its nudge.
			nudge := issuance.DefaultLimits().AuditSend
			bound := steadyP95 + nudge
			r.check(quantile(list, 0.95) < bound, "none waits for a queue for longer than %d ms: p95 %d ms (under %d)", ms(nudge), ms(quantile(list, 0.95)), ms(bound))
		},
	}
}
