package issuance

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// attempt is one request on its way. begin may be called again when the saga was lost to
// another owner.
type attempt struct {
	*Issuer

	by       Actor
	key      idempotency.Key
	req      gst.Request
	seller   gst.Seller // that the request was assessed for
	assessed gst.Invoice
	refused  error       // by the assessment
	draft    gst.Invoice // what was assessed, of a note completed by its original
	begun    saga.BeginResult

	sellerInUse bool             // the seller has issued invoices
	uniqueIDs   bool             // the seller's documents have unique external ids
	original    *gst.Invoice     // of a note; nil if it is not known
	listFull    bool             // the original's balance lists no more notes
	buyer       buyer            // of an invoice with a contact
	breaker     breaker.Snapshot // as read concurrently with Begin
	announced   string           // the series that its commit is announced to
	result      Result           // of the commit
}

// begin claims the key and answers from what the claim found.
func (a *attempt) begin(ctx context.Context) (Result, error) {
	canonical := a.req.Canonical()
	limits := idempotency.WaitLimits{InProgress: a.Limits.Request - time.Second, Compensating: a.Limits.Compensating}
	in := a.by.begin(a.req, canonical)
	reads, cancel := context.WithCancel(ctx)
	defer cancel()
	snapshot := a.readBreaker(reads, in.Reserves)
	profile, original, buyer := a.readProfile(reads), a.readOriginal(reads), a.readBuyer(reads)
	begun, err := a.Sagas.Begin(ctx, a.key, idempotency.Fingerprint(canonical), in, limits)
	a.breaker = <-snapshot
	recordClaim(ctx, begun, err)
	if err != nil {
		a.Log.WarnContext(ctx, "begin failed", slog.String("error", err.Error()))
		return Result{}, unavailable("the request could not be started", "", err)
	}
	a.begun = begun
	telemetry.Saga(ctx, begun.Saga.SagaID, a.req.SellerMerchantID)
	if begun.Status == idempotency.Acquired {
		return a.run(ctx, profile, original, buyer)
	}
	return a.answerOf(ctx, a.key, begun)
}

// readBreaker reads the breaker concurrently with Begin, so it adds no latency.
func (a *attempt) readBreaker(ctx context.Context, reserves bool) <-chan breaker.Snapshot {
	return concurrently(func() breaker.Snapshot {
		if !reserves {
			return breaker.Snapshot{}
		}
		ctx, cancel := context.WithTimeout(ctx, a.Limits.BreakerRead)
		defer cancel()
		return a.Breaker.State(ctx)
	})
}

// concurrently returns where the result of read arrives.
func concurrently[T any](read func() T) <-chan T {
	result := make(chan T, 1)
	go func() { result <- read() }()
	return result
}

// run runs the steps, once the request is assessed for the profile in force and a note compared with
// its original. A failed run is aborted or compensated, also when ctx is done by then; what fails here
// is left to recovery.
func (a *attempt) run(
	ctx context.Context, profile <-chan profileRead, original <-chan originalRead, buyer <-chan buyerRead,
) (Result, error) {
	run, err := saga.RunResult{Pending: a.owedBefore()}, a.confirm(<-profile)
	if err == nil {
		err = a.correct(<-original)
	}
	if err == nil {
		err = a.identify(<-buyer)
	}
	if err == nil {
		run, err = saga.Run(ctx, a.Now, int(a.begun.Claim.Fence), a.steps())
	}
	if err == nil {
		return a.result, nil
	}
	if errors.Is(err, saga.ErrLost) {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Limits.CleanUp)
	defer cancel()
	failure := problemOf(err, a.begun.Saga.SagaID)
	a.Log.WarnContext(ctx, "saga failed", a.attrs(err, slog.String("code", failure.Code))...)
	if len(run.Pending) == 0 {
		return a.abort(ctx, run, failure)
	}
	return a.compensate(ctx, run, failure)
}

// owedBefore returns the compensations owed for a former owner of the saga.
func (a *attempt) owedBefore() []string {
	if !a.begun.Claim.Resumed {
		return nil
	}
	return a.begun.Saga.Owed()
}

func (a *attempt) steps() []saga.Step {
	var steps []saga.Step
	if a.begun.Saga.Reserves {
		steps = append(steps, saga.Step{Name: step.Reserve, Undo: step.Release, Do: timedStep(step.Reserve, a.reserve)})
	}
	return append(steps, saga.Step{Name: step.Create, Undo: step.Delete, Do: timedStep(step.Create, a.commit)})
}

// abort ends a saga that left nothing behind.
func (a *attempt) abort(ctx context.Context, run saga.RunResult, failure *problem.Error) (Result, error) {
	err := a.Sagas.Abort(ctx, a.begun, run.Steps, failure.Code)
	if errors.Is(err, saga.ErrLost) {
		return Result{}, err // the refusal of a former owner is not the key's answer
	}
	if err != nil {
		a.Log.WarnContext(ctx, "abort failed", a.attrs(err)...)
	}
	return Result{}, failure
}

// compensate hands a saga that may have left something behind to its compensation.
func (a *attempt) compensate(ctx context.Context, run saga.RunResult, failure *problem.Error) (Result, error) {
	record, err := a.Sagas.Compensate(ctx, a.begun, run, failure.Code)
	switch {
	case errors.Is(err, saga.ErrCommitted):
		return a.committedResult(ctx)
	case errors.Is(err, saga.ErrLost):
		return Result{}, err
	case err == nil:
		err = a.Compensator.Start(ctx, record)
	}
	if err != nil {
		a.Log.WarnContext(ctx, "compensation left to recovery", a.attrs(err)...)
	}
	return Result{}, failure
}

// committedResult answers from the record of a commit whose reply was lost.
func (a *attempt) committedResult(ctx context.Context) (Result, error) {
	r, err := a.Sagas.Load(ctx, a.begun.Saga.SagaID)
	if err != nil {
		return Result{}, unavailable("the invoice was issued but its answer could not be read", a.begun.Saga.SagaID, err)
	}
	result, err := replay(a.key, r)
	result.Replayed = false
	return result, err
}

func (a *attempt) attrs(err error, more ...any) []any {
	return append(more, slog.String(telemetry.SagaID, a.begun.Saga.SagaID), slog.String("error", err.Error()))
}
