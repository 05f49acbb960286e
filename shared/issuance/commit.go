package issuance

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/resilience"
)

// Pauses between attempts of a commit that met another one.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

// commit is the step Create Invoice. It issues the invoice in one transaction: the
// invoice, its number, the answer to the key and the saga's advance happen together or
// not at all. The audit request goes out concurrently.
func (a *attempt) commit(ctx context.Context, before []saga.StepAttempt) error {
	own := saga.StepAttempt{
		Name: step.Create, Attempt: int(a.begun.Claim.Fence), StartedAt: a.Now().UnixMilli(), Outcome: saga.OK,
	}
	wait := a.requestAudit(ctx)
	defer wait()
	return a.write(ctx, append(slices.Clip(before), own))
}

// requestAudit sends the audit request, delayed by a second, so that the answer hardly
// waits for it. If it is lost, recovery finds the saga due. wait returns once it is sent,
// after AuditSend at the latest.
func (a *attempt) requestAudit(ctx context.Context) (wait func()) {
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		merchantID := a.req.SellerMerchantID
		err := a.Queue.Send(ctx, merchantID, events.AuditRequest{SagaID: a.begun.Saga.SagaID, MerchantID: merchantID})
		if err != nil {
			a.Log.WarnContext(ctx, "audit request left to recovery",
				slog.String(telemetry.SagaID, a.begun.Saga.SagaID), slog.String("error", err.Error()))
		}
	}()
	return func() {
		defer cancel()
		// The timer starts only once the commit returns: under load both calls are slow.
		defer time.AfterFunc(a.Limits.AuditSend, cancel).Stop()
		<-sent
	}
}

// outcome is the result of sending a commit, alone or with others: it has landed, its transaction was
// refused, or, as err, it has failed.
type outcome struct {
	result  Result
	refusal error // of the transaction, as far as it concerns the attempt
	err     error
}

// write sends the commit until it has landed or has failed for good.
func (a *attempt) write(ctx context.Context, steps []saga.StepAttempt) error {
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for {
		o := a.send(ctx, steps)
		if o.err != nil {
			return o.err
		}
		if o.refusal == nil {
			a.result = o.result
			return nil
		}
		d := a.classify(ctx, o.refusal)
		if d.landed {
			a.result = d.result
			return nil
		}
		if d.err != nil {
			return d.err
		}
		if err := pause.Wait(ctx); err != nil {
			return err
		}
	}
}

// send sends the commit, that of a series in its turn.
func (a *attempt) send(ctx context.Context, steps []saga.StepAttempt) outcome {
	if a.req.Series != "" {
		return a.sequencer.commit(ctx, a, steps)
	}
	t, err := a.transaction(0, steps)
	if err != nil {
		return outcome{err: err}
	}
	return outcome{result: t.result, refusal: a.Invoices.Write(ctx, t.items)}
}
