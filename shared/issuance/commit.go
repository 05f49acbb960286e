package issuance

import (
	"context"
	"log/slog"
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
	return a.write(ctx, append(before, own))
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

// write sends the commit's transaction until it has landed or has failed for good.
func (a *attempt) write(ctx context.Context, steps []saga.StepAttempt) error {
	p, err := a.firstPosition(ctx)
	if err != nil {
		return err
	}
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for {
		items, result, err := a.transaction(p, steps)
		if err != nil {
			return err
		}
		err = a.Invoices.Write(ctx, items)
		if err == nil {
			a.setResult(result, p)
			return nil
		}
		d := a.classify(ctx, err, p)
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
		if p, err = a.reload(ctx); err != nil {
			return err
		}
	}
}

func (a *attempt) setResult(r Result, p position) {
	a.result = r
	if a.req.Series != "" {
		a.series.put(a.seriesKey(), int64(p)+1)
	}
}
