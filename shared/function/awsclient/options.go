package awsclient

import (
	"cmp"
	"context"

	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/resilience"
)

// Dependencies, as the label `dependency` of a metric names them.
const (
	DynamoDB  = "dynamodb"
	SQS       = "sqs"
	Inventory = "lambda" // reserve-inventory, the only function that another one invokes
	States    = "states" // Step Functions
	Events    = "events" // EventBridge
)

// Options configures the calls to each dependency.
type Options struct {
	// Policies by dependency; a dependency without one gets the defaults.
	Policies map[string]resilience.Policy
	// OnRetry is called before each attempt after the first, OnReject for each call that
	// the bulkhead refused. Both are optional.
	OnRetry, OnReject func(ctx context.Context, dependency string)
}

// OptionsFromEnv reads INVOCHAIN_<name>_TIMEOUT_MS, INVOCHAIN_<name>_ATTEMPT_TIMEOUT_MS
// and INVOCHAIN_<name>_IN_FLIGHT for each dependency, all optional. The names are
// DYNAMODB, SQS, INVENTORY, STATES and EVENTS.
func OptionsFromEnv(vars *env.Reader) Options {
	o := Options{Policies: map[string]resilience.Policy{}}
	for dependency, name := range map[string]string{
		DynamoDB: "DYNAMODB", SQS: "SQS", Inventory: "INVENTORY", States: "STATES", Events: "EVENTS",
	} {
		p := resilience.Policy{
			Timeout:        vars.Milliseconds("INVOCHAIN_"+name+"_TIMEOUT_MS", 0),
			AttemptTimeout: vars.Milliseconds("INVOCHAIN_"+name+"_ATTEMPT_TIMEOUT_MS", 0),
			MaxInFlight:    vars.PositiveInt("INVOCHAIN_"+name+"_IN_FLIGHT", 0),
		}
		if dependency == Inventory {
			// For a reservation one slow attempt is better than two short ones.
			p.AttemptTimeout = cmp.Or(p.AttemptTimeout, p.WithDefaults().Timeout)
		}
		o.Policies[dependency] = p
	}
	return o
}
