package issuance

import (
	"context"
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
)

// decision is how to go on after a commit that was not acknowledged: it had landed, it
// has failed, or it is tried again at a position.
type decision struct {
	landed bool
	result Result   // when landed
	err    error    // when failed
	next   position // else
}

func landed(r Result) decision  { return decision{landed: true, result: r} }
func fail(err error) decision   { return decision{err: err} }
func retry(p position) decision { return decision{next: p} }

// classify decides by the error of a commit at position p.
func (a *attempt) classify(ctx context.Context, err error, p position) decision {
	if item, failed := dynamo.ConditionFailedAt(err, atSaga); failed {
		if idempotency.OwnedBy(a.begun.Claim, item) {
			return a.lookUp(ctx, p)
		}
		return fail(saga.ErrLost)
	}
	if item, failed := dynamo.ConditionFailedAt(err, atSeries); failed {
		next := invoice.NextOf(item)
		return retry(position{next, next})
	}
	if _, failed := dynamo.ConditionFailedAt(err, atNumber); failed {
		if a.req.Series == "" {
			return fail(saga.Refuse(numberTaken(a.draft)))
		}
		return retry(position{p.read, p.next + 1}) // a client gave this number itself: the series skips it
	}
	if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {
		return a.lookUp(ctx, p)
	}
	if dynamo.Contended(err) {
		return retry(p)
	}
	return fail(fmt.Errorf("commit %s: %w", a.begun.Saga.SagaID, err))
}

// lookUp decides by the saga's record, after a lost reply.
func (a *attempt) lookUp(ctx context.Context, p position) decision {
	r, err := a.Sagas.Load(ctx, a.begun.Saga.SagaID)
	if err != nil {
		return fail(fmt.Errorf("re-read the saga after a lost reply: %w", err))
	}
	if r.State != saga.Committed && r.State != saga.Completed {
		return retry(p)
	}
	result, err := replay(r)
	if err != nil {
		return fail(err)
	}
	result.Replayed = false
	return landed(result)
}
