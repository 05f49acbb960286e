package awsclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/smithy-go/middleware"

	"github.com/invochain/invochain/shared/resilience"
)

// ErrBulkheadFull is returned for a call that found no free slot within Policy.MaxWait.
var ErrBulkheadFull = errors.New("bulkhead full")

// limiter applies one dependency's policy to the calls of this process.
type limiter struct {
	dependency string
	policy     resilience.Policy
	slots      chan struct{} // one for each call in flight
	budget     *ratelimit.TokenRateLimit
}

type limiters struct {
	Options

	of map[string]*limiter // by service id
}

func newLimiters(o Options) limiters {
	ls := limiters{Options: o, of: map[string]*limiter{}}
	for service, dependency := range map[string]string{
		"DynamoDB": DynamoDB, "SQS": SQS, "Lambda": Inventory, "SFN": States, "EventBridge": Events,
	} {
		p := o.Policies[dependency].WithDefaults()
		ls.of[service] = &limiter{
			dependency: dependency, policy: p, slots: make(chan struct{}, p.MaxInFlight),
			budget: ratelimit.NewTokenRateLimit(maxTokens),
		}
	}
	return ls
}

func serviceOf(ctx context.Context) string { return awsmiddleware.GetServiceID(ctx) }

// limit is the middleware Timeout(Bulkhead(…)) of one call, retries included.
func (ls limiters) limit(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	l, known := ls.of[serviceOf(ctx)]
	if !known {
		return next.HandleInitialize(ctx, in)
	}
	ctx, cancel := context.WithTimeout(ctx, l.policy.Timeout)
	defer cancel()
	if err := l.acquire(ctx); err != nil {
		notify(ctx, ls.OnReject, l.dependency)
		err = fmt.Errorf("%s already has %d calls in flight: %w", l.dependency, l.policy.MaxInFlight, err)
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	defer l.release()
	return next.HandleInitialize(ctx, in)
}

// acquire takes a slot. Errors: ErrBulkheadFull after the policy's MaxWait, or ctx's.
func (l *limiter) acquire(ctx context.Context) error {
	timer := time.NewTimer(l.policy.MaxWait)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBulkheadFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *limiter) release() { <-l.slots }

func notify(ctx context.Context, hook func(context.Context, string), dependency string) {
	if hook != nil {
		hook(ctx, dependency)
	}
}
