package issuance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/resilience"
	"github.com/invochain/invochain/shared/strictjson"
)

// Indexes of the items in the transaction that holds an invoice.
const (
	atCancellation = iota
	atHold
)

// cancellation is a request to cancel an invoice on its way.
type cancellation struct {
	*Issuer

	req   gst.CancelRequest
	owner caller.Tenant
	begun saga.BeginResult
	since time.Time // when the run began
}

// Cancel cancels an invoice of a tenant, once for each key. The invoice is held when Cancel
// returns: the 202 names the saga whose state machine returns the stock and voids the number. by is
// not part of the request. Its errors are *problem.Error; when Retryable is set, the same request
// with the same key may be sent again.
func (i *Issuer) Cancel(
	ctx context.Context, by Actor, key idempotency.Key, owner caller.Tenant, req gst.CancelRequest,
) (Result, error) {
	ctx, stop := context.WithTimeout(ctx, i.Limits.Request)
	defer stop()
	c := cancellation{Issuer: i, req: req, owner: owner}
	for {
		result, err := c.begin(ctx, by, key)
		if !errors.Is(err, saga.ErrLost) {
			return result, err
		}
		if ctx.Err() != nil {
			return Result{}, inProgress(c.begun)
		}
	}
}

// begin claims the key and answers from what the claim found.
func (c *cancellation) begin(ctx context.Context, by Actor, key idempotency.Key) (Result, error) {
	limits := idempotency.WaitLimits{InProgress: c.Limits.Request - time.Second, Compensating: c.Limits.Compensating}
	in := saga.BeginInput{MerchantID: c.owner.MerchantID(), Cancels: true, Actor: by.name}
	var err error
	c.begun, err = c.Sagas.Begin(ctx, key, idempotency.Fingerprint(c.req.Canonical()), in, limits)
	recordClaim(ctx, c.begun, err)
	if err != nil {
		c.Log.WarnContext(ctx, "begin failed", slog.String("error", err.Error()))
		return Result{}, unavailable("the request could not be started", "", err)
	}
	telemetry.Saga(ctx, c.begun.Saga.SagaID, c.owner.MerchantID())
	switch c.begun.Status {
	case idempotency.Acquired:
		return c.run(ctx)
	case idempotency.Expired:
		return c.answer(c.begun.Saga, true)
	default:
		return c.answerOf(ctx, key, c.begun)
	}
}

// run holds the invoice and starts the state machine. What fails after the hold is left to recovery.
func (c *cancellation) run(ctx context.Context) (Result, error) {
	c.since = c.Now()
	var held saga.Record
	hold := func(ctx context.Context, _ []saga.StepAttempt) (err error) {
		held, err = c.hold(ctx)
		return err
	}
	run, err := saga.Run(ctx, c.Now, int(c.begun.Claim.Fence), []saga.Step{
		{Name: step.Hold, Do: timedStep(step.Hold, hold)},
	})
	if errors.Is(err, saga.ErrLost) {
		return Result{}, err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), c.Limits.CleanUp)
	defer stop()
	if err != nil {
		return Result{}, c.abort(ctx, run, err)
	}
	if err := c.Compensator.Start(ctx, held); err != nil {
		c.Log.WarnContext(ctx, "cancellation left to recovery",
			slog.String(telemetry.SagaID, held.SagaID), slog.String("error", err.Error()))
	}
	return c.answer(held, false)
}

// abort ends a saga that holds nothing. Whether an unknown outcome was a hold shows in the saga.
func (c *cancellation) abort(ctx context.Context, run saga.RunResult, cause error) error {
	failure := problemOf(cause, c.begun.Saga.SagaID)
	err := c.Sagas.Abort(ctx, c.begun, run.Steps, failure.Code)
	if errors.Is(err, saga.ErrLost) {
		return err
	}
	if err != nil {
		c.Log.WarnContext(ctx, "abort failed",
			slog.String(telemetry.SagaID, c.begun.Saga.SagaID), slog.String("error", err.Error()))
	}
	return failure
}

// answer returns the 202, which depends on the saga alone.
func (c *cancellation) answer(r saga.Record, replayed bool) (Result, error) {
	body, err := strictjson.Marshal(acceptedAs(r.SagaID))
	return Result{
		Status: http.StatusAccepted, Body: body, SagaID: r.SagaID, InvoiceID: c.req.InvoiceID, Replayed: replayed,
	}, err
}

// hold is the step Hold Invoice: in one transaction the invoice is held and the key answered.
func (c *cancellation) hold(ctx context.Context) (saga.Record, error) {
	inv, err := c.cancellable(ctx)
	if err != nil {
		return saga.Record{}, err
	}
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for {
		items, held, err := c.holdItems(inv)
		if err != nil {
			return saga.Record{}, err
		}
		err = c.Invoices.Write(ctx, items)
		if err == nil {
			return held, nil
		}
		done, again, err := c.explain(ctx, err, inv)
		if done != nil {
			return *done, nil
		}
		if !again {
			return saga.Record{}, err
		}
		if err := pause.Wait(ctx); err != nil {
			return saga.Record{}, err
		}
	}
}

func (c *cancellation) holdItems(inv gst.Invoice) ([]types.TransactWriteItem, saga.Record, error) {
	id := c.begun.Saga.SagaID
	body, err := strictjson.Marshal(acceptedAs(id))
	if err != nil {
		return nil, saga.Record{}, err
	}
	compressed, err := idempotency.Compress(body)
	if err != nil {
		return nil, saga.Record{}, err
	}
	now := c.Now()
	advance, held, err := c.Sagas.Hold(c.begun, saga.CommitInput{
		InvoiceID: inv.ID, Number: inv.InvoiceNumber, Document: inv.DocumentType, Dated: string(inv.InvoiceDate),
		TotalPaise: int64(inv.Totals.Total), Status: http.StatusAccepted, Compressed: compressed,
	}, owedFor(inv), []saga.StepAttempt{{
		Name: step.Hold, Attempt: int(c.begun.Claim.Fence), StartedAt: c.since.UnixMilli(),
		DurationMS: now.Sub(c.since).Milliseconds(), Outcome: saga.OK,
	}})
	if err != nil {
		return nil, saga.Record{}, err
	}
	hold, err := c.Invoices.Hold(inv.ID, gst.Cancellation{
		Reason: c.req.Reason, Remark: c.req.Remark, SagaID: id, RequestedAt: timestamp(now),
	})
	return []types.TransactWriteItem{atCancellation: advance, atHold: hold}, held, err
}

// owedFor returns the steps that an invoice's cancellation owes once it is held.
func owedFor(inv gst.Invoice) []string {
	if len(inv.StockLines()) == 0 {
		return []string{step.Void}
	}
	return []string{step.Return, step.Void}
}

// explain decides after a hold that was not acknowledged: it is done, may be tried again, or failed.
func (c *cancellation) explain(ctx context.Context, err error, inv gst.Invoice) (*saga.Record, bool, error) {
	refused, byOwner := dynamo.ConditionFailedAt(err, atCancellation)
	switch {
	case byOwner && !idempotency.OwnedBy(c.begun.Claim, refused):
		return nil, false, saga.ErrLost
	case byOwner || dynamo.OutcomeUnknown(err) && ctx.Err() == nil:
		r, err := c.Sagas.Load(ctx, c.begun.Saga.SagaID)
		if err != nil {
			return nil, false, fmt.Errorf("re-read the saga after a lost reply: %w", err)
		}
		if r.InvoiceID == "" { // no hold has landed: another attempt finds out who has the saga
			return nil, true, nil
		}
		return &r, false, nil
	}
	if balance, held := dynamo.ConditionFailedAt(err, atHold); held {
		if invoice.Held(balance) {
			return nil, false, saga.Refuse(alreadyCancelled(inv))
		}
		return nil, false, saga.Refuse(correctedByNote(inv))
	}
	if dynamo.Contended(err) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("hold invoice %s: %w", inv.ID, err)
}

// cancellable reads the invoice and refuses what can no longer be cancelled.
func (c *cancellation) cancellable(ctx context.Context) (gst.Invoice, error) {
	inv, err := c.Invoices.Get(ctx, c.owner, c.req.InvoiceID)
	if err != nil {
		return gst.Invoice{}, refuseKnown(err)
	}
	seller, err := c.Merchants.Read(ctx, inv.SellerMerchantID)
	if err != nil {
		return gst.Invoice{}, refuseKnown(err)
	}
	created, err := time.Parse(time.RFC3339, inv.CreatedAt)
	if err != nil {
		return gst.Invoice{}, fmt.Errorf("read when invoice %s was issued: %w", inv.ID, err)
	}
	until := gst.CancelUntil(inv.InvoiceDate, gst.DayInIndia(created), seller.Filing == merchant.Quarterly)
	switch {
	case gst.IsNote(inv.DocumentType):
		return gst.Invoice{}, saga.Refuse(notCancellable(inv))
	case inv.Status == invoice.Cancelled:
		return gst.Invoice{}, saga.Refuse(alreadyCancelled(inv))
	case seller.Seller().HasClosed(inv.InvoiceDate):
		return gst.Invoice{}, saga.Refuse(periodClosed(inv, seller.ClosedThrough))
	case gst.DayInIndia(c.Now()) > until:
		return gst.Invoice{}, saga.Refuse(windowClosed(inv, until))
	}
	return inv, nil
}
