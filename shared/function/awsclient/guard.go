package awsclient

import (
	"context"
	"fmt"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"github.com/failsafe-go/failsafe-go/bulkhead"

	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/resilience"
)

// Dependencies, as metrics have them.
const (
	DynamoDB  = "dynamodb"
	SQS       = "sqs"
	Inventory = "lambda" // the only function that another one invokes
	States    = "states"
	Events    = "events"
)

// Options of the calls to each dependency.
type Options struct {
	Policies map[string]resilience.Policy // by dependency; what is absent takes the defaults
	// OnRetry is told of each attempt after the first, OnReject of each call that
	// found no place among those under way. Nil when nobody wants to know.
	OnRetry, OnReject func(ctx context.Context, dependency string)
}

// OptionsFromEnv asks vars for each dependency's INVOCHAIN_<name>_TIMEOUT_MS,
// _ATTEMPT_TIMEOUT_MS and _IN_FLIGHT, all optional. Names are DYNAMODB, SQS, INVENTORY,
// STATES and EVENTS.
func OptionsFromEnv(vars *env.Reader) Options {
	o := Options{Policies: map[string]resilience.Policy{}}
	for dependency, name := range map[string]string{
		DynamoDB: "DYNAMODB", SQS: "SQS", Inventory: "INVENTORY", States: "STATES", Events: "EVENTS",
	} {
		p := resilience.Policy{
			Timeout:  vars.Milliseconds("INVOCHAIN_"+name+"_TIMEOUT_MS", 0),
			Attempt:  vars.Milliseconds("INVOCHAIN_"+name+"_ATTEMPT_TIMEOUT_MS", 0),
			InFlight: vars.PositiveInt("INVOCHAIN_"+name+"_IN_FLIGHT", 0),
		}
		if dependency == Inventory && p.Attempt == 0 {
			// Who waits for stock would rather have a slow answer than a second try.
			p.Attempt = p.WithDefaults().Timeout
		}
		o.Policies[dependency] = p
	}
	return o
}

// limiter is one dependency's policy at work in this process.
type limiter struct {
	dependency string
	policy     resilience.Policy
	places     bulkhead.Bulkhead[any]
	budget     resilience.Budget
}

type limiters struct {
	of map[string]*limiter // by service
	Options
}

func newLimiters(o Options) limiters {
	g := limiters{of: map[string]*limiter{}, Options: o}
	for service, dependency := range map[string]string{
		"DynamoDB": DynamoDB, "SQS": SQS, "Lambda": Inventory, "SFN": States, "EventBridge": Events,
	} {
		p := o.Policies[dependency].WithDefaults()
		g.of[service] = &limiter{dependency: dependency, policy: p, places: bulkhead.New[any](uint(max(p.InFlight, 1)))}
	}
	return g
}

func serviceOf(ctx context.Context) string { return awsmiddleware.GetServiceID(ctx) }

// around is Timeout(Bulkhead(…)) of one call; the SDK's retries are within.
func (g limiters) around(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	of, known := g.of[serviceOf(ctx)]
	if !known {
		return next.HandleInitialize(ctx, in)
	}
	ctx, cancel := context.WithTimeout(ctx, of.policy.Timeout)
	defer cancel()
	if err := of.places.AcquirePermitWithMaxWait(ctx, of.policy.Queue); err != nil {
		call(ctx, g.OnReject, of.dependency)
		return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("%d calls to %s are under way: %w", of.policy.InFlight, of.dependency, err)
	}
	defer of.places.ReleasePermit()
	return next.HandleInitialize(ctx, in)
}

func call(ctx context.Context, hook func(context.Context, string), dependency string) {
	if hook != nil {
		hook(ctx, dependency)
	}
}

// timeLeft of ctx; for ever without a deadline.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return time.Hour
}
