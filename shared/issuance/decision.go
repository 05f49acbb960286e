package issuance

import (
	"context"
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
)

// decision is how to go on after a commit that was not acknowledged: it had landed, it
// has failed, or, as the zero decision, it is tried again.
type decision struct {
	landed bool
	result Result // when landed
	err    error  // when failed
}

func landed(r Result) decision { return decision{landed: true, result: r} }
func fail(err error) decision  { return decision{err: err} }
func retry() decision          { return decision{} }

// classify decides by the error of a commit, as far as it concerns the attempt's own items.
func (a *attempt) classify(ctx context.Context, err error) decision {
	if item, failed := dynamo.ConditionFailedAt(err, atSaga); failed {
		if idempotency.OwnedBy(a.begun.Claim, item) {
			return a.lookUp(ctx)
		}
		return fail(saga.ErrLost)
	}
	met, bad := a.meetBuyer(err)
	if bad != nil {
		return fail(bad)
	}
	if _, failed := dynamo.ConditionFailedAt(err, atNumber); failed {
		return fail(saga.Refuse(numberTaken(a.draft)))
	}
	if item, failed := dynamo.ConditionFailedAt(err, atBalance); failed && a.original != nil {
		return a.balanceRefused(item)
	}
	if _, failed := dynamo.ConditionFailedAt(err, a.externalAt()); failed && a.claimsExternalID() {
		return fail(saga.Refuse(externalIDTaken(a.draft)))
	}
	if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {
		return a.lookUp(ctx)
	}
	if met || dynamo.Contended(err) {
		return retry()
	}
	return fail(fmt.Errorf("commit %s: %w", a.begun.Saga.SagaID, err))
}

// lookUp decides by the saga's record, after a lost reply.
func (a *attempt) lookUp(ctx context.Context) decision {
	r, err := a.Sagas.Load(ctx, a.begun.Saga.SagaID)
	if err != nil {
		return fail(fmt.Errorf("re-read the saga after a lost reply: %w", err))
	}
	if r.State != saga.Committed && r.State != saga.Completed {
		return retry()
	}
	result, err := replay(a.key, r)
	if err != nil {
		return fail(err)
	}
	result.Replayed = false
	return landed(result)
}
