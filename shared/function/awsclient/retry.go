package awsclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/invochain/invochain/shared/resilience"
)

// The delays between attempts have full jitter. No attempt starts later than minTimeLeft
// before the deadline.
const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Second
	minTimeLeft  = 200 * time.Millisecond
)

// A dependency's retry budget counts tenths of a retry: retries are at most a tenth of
// the attempts that succeed, plus a reserve of five.
const (
	maxTokens        = 50
	retryCost        = 10
	successIncrement = 1
)

// Reasons why a failed attempt is not followed by another.
var (
	errRetriesDisabled = errors.New("retries are disabled for this call")
	errNoTimeLeft      = errors.New("too little time is left for another attempt")
)

// retryer is the SDK's standard retryer, which knows the errors that may be retried, with
// one token bucket for each dependency. The clients of a process share the buckets, and a
// retry that succeeds is not refunded.
type retryer struct {
	*retry.Standard
	limiters
}

func newRetryer(ls limiters) retryer {
	return retryer{limiters: ls, Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter = resilience.Attempts, ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			b := resilience.Backoff{First: firstBackoff << max(attempt-1, 0), Last: lastBackoff}
			return b.Next(), nil
		})
	})}
}

// GetAttemptToken implements aws.RetryerV2. An attempt that succeeds adds to the budget.
func (r retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return func(err error) error {
		if l, known := r.of[serviceOf(ctx)]; known && err == nil {
			return l.budget.AddTokens(successIncrement)
		}
		return nil
	}, nil
}

// GetRetryToken implements aws.Retryer. The SDK joins the error that it returns to the
// error of the call.
func (r retryer) GetRetryToken(ctx context.Context, _ error) (func(error) error, error) {
	switch {
	case resilience.RetriesDisabled(ctx):
		return nil, errRetriesDisabled
	case timeLeft(ctx) < minTimeLeft:
		return nil, errNoTimeLeft
	}
	if l, known := r.of[serviceOf(ctx)]; known {
		if _, err := l.budget.GetToken(ctx, retryCost); err != nil {
			return nil, fmt.Errorf("%s: %w", l.dependency, err)
		}
		notify(ctx, r.OnRetry, l.dependency)
	}
	return func(error) error { return nil }, nil
}

// timeLeft returns the time until ctx's deadline, or an hour if it has none.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return time.Hour
}
