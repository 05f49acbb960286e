package breaker

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Errors of Force and Reset.
var (
	ErrOperatorRequired = errors.New("an operator name is required")
	errContended        = errors.New("too much contention on the circuit breaker")
)

// forcedUntil is the open_until of a breaker that an operator forced open: the end of the
// year 9999 in Unix milliseconds.
const forcedUntil = 253402300799000

// Force holds the breaker open or closed until Reset, whatever the results of calls are, and
// records who did it and why. Results of calls in flight are not counted. Errors:
// ErrOperatorRequired, and what DynamoDB returned.
func (b *Breaker) Force(ctx context.Context, to, by, why string) (Snapshot, error) {
	if to != Open && to != Closed {
		return Snapshot{}, fmt.Errorf("invalid breaker state %q", to)
	}
	until := int64(0)
	if to == Open {
		until = forcedUntil
	}
	return b.override(ctx, by, func(gen int64) expression.UpdateBuilder {
		return reset(b.transition(gen, to, until, by, why)).Set(expression.Name(attrForced), expression.Value(true))
	})
}

// Reset ends a forced state and closes the breaker with all counts at zero.
func (b *Breaker) Reset(ctx context.Context, by, why string) (Snapshot, error) {
	return b.override(ctx, by, func(gen int64) expression.UpdateBuilder {
		return reset(b.transition(gen, Closed, 0, by, why)).Remove(expression.Name(attrForced))
	})
}

// override applies an operator's change to the generation that it reads.
func (b *Breaker) override(
	ctx context.Context, by string, change func(gen int64) expression.UpdateBuilder,
) (Snapshot, error) {
	if by == "" {
		return Snapshot{}, ErrOperatorRequired
	}
	const attempts = 5
	for range attempts {
		current, err := b.Read(ctx)
		if err != nil {
			return Snapshot{}, err
		}
		gen := current.Generation
		s, err := b.update(ctx, change(gen), missing(attrGeneration).Or(equal(attrGeneration, gen)))
		if !dynamo.ConditionFailed(err) {
			return s, err
		}
	}
	return Snapshot{}, errContended
}
