package issuance

import (
	"context"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/resilience"
)

// refuseUnclaimed refuses a request while the inventory's breaker is known to be open, before its key is
// claimed: nothing is written. A key that was used before goes on, since it may have an answer, or stock
// to be released.
func (a *attempt) refuseUnclaimed(ctx context.Context) error {
	if a.refused != nil || len(a.req.StockLines()) == 0 {
		return nil
	}
	reads, cancel := context.WithTimeout(ctx, a.Limits.BreakerRead)
	defer cancel()
	open := a.Breaker.Refusal(reads)
	if open == nil {
		return nil
	}
	untouched, err := a.Sagas.IsUntouched(ctx, a.key)
	if err != nil {
		return unavailable("the request could not be checked", "", err)
	}
	if !untouched {
		return nil
	}
	recordReservation(ctx, open)
	return inventoryUnavailable(open)
}

// reserve is the step Reserve Inventory.
func (a *attempt) reserve(ctx context.Context, _ []saga.StepAttempt) error {
	err := a.callInventory(ctx)
	recordReservation(ctx, err)
	return err
}

// callInventory reserves the stock unless the breaker is open. Then nothing was sent and
// nothing is owed, unless a former owner of the saga may have sent it. The breaker counts
// a refusal as a success: the inventory has answered.
func (a *attempt) callInventory(ctx context.Context) error {
	permit, err := a.Breaker.Acquire(ctx, a.breaker)
	if err != nil && a.begun.Claim.Resumed {
		return inventoryUnavailable(err)
	}
	if err != nil {
		return saga.Refuse(inventoryUnavailable(err))
	}
	defer permit.Ignore()
	limited, cancel := context.WithTimeout(ctx, a.Limits.Inventory)
	defer cancel()
	if permit.Probe() {
		limited = resilience.WithoutRetries(limited)
	}
	err = a.Inventory.Reserve(limited, a.begun.Saga.SagaID, a.req)
	switch {
	case err == nil || saga.IsRefusal(err):
		permit.RecordSuccess(context.WithoutCancel(ctx))
	case ctx.Err() == nil: // else the request's own time ran out
		permit.RecordFailure(context.WithoutCancel(ctx))
	}
	return err
}
