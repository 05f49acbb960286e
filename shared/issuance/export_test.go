package issuance

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/resilience"
)

// Waiting returns the number of attempts of this process that wait for their commits.
func (i *Issuer) Waiting() (n int) {
	i.sequencer.mu.Lock()
	defer i.sequencer.mu.Unlock()
	for _, l := range i.sequencer.lines {
		n += len(l.waiting)
	}
	return n
}

// CommitDraft commits a draft to a series as an attempt of a saga does, whose steps before take a while.
func (i *Issuer) CommitDraft(
	ctx context.Context, sagaID string, draft gst.Invoice, series string, before time.Duration,
) error {
	a := &attempt{
		Issuer: i, req: gst.Request{Series: series}, assessed: draft, draft: draft, sellerInUse: true,
	}
	a.begun.Claim.KeyHash, a.begun.Saga.SagaID = sagaID, sagaID
	i.sequencer.announce(a)
	defer i.sequencer.withdraw(a)
	if err := resilience.Sleep(ctx, before); err != nil {
		return err
	}
	return a.write(ctx, []saga.StepAttempt{{}})
}
