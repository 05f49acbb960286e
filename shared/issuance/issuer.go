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
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/resilience"
)

// Services that the issuer calls beside its own tables.
type (
	// Merchants finds a seller. Error: problem.NotFound.
	Merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
	}
	// Inventory reserves stock for a saga. A saga.Refuse error is final: a copy of
	// the call that arrives later will reserve nothing. After any other error the
	// stock may be reserved.
	Inventory interface {
		Reserve(ctx context.Context, sagaID, merchantID string, lines []gst.StockLine) error
	}
	// Breaker tells whether the inventory is worth a call. Look only reads; Admit
	// decides by what Look saw, and returns *breaker.OpenError when it is not.
	Breaker interface {
		State(ctx context.Context) breaker.Snapshot
		Acquire(ctx context.Context, seen breaker.Snapshot) (*breaker.Permit, error)
	}
	// Compensator starts a saga's compensation; starting it twice is harmless.
	Compensator interface {
		Start(ctx context.Context, r saga.Record) error
	}
	// Queue sends messages; one may arrive twice, or although Send failed.
	Queue interface {
		Send(ctx context.Context, m any) error
	}
)

// Limits of one request's forward path.
type Limits struct {
	Request      time.Duration // from Begin to the answer; 8 s
	Inventory    time.Duration // over all attempts; 5 s
	AuditSend    time.Duration // what a committed answer may wait for the nudge; 300 ms
	CleanUp      time.Duration // turning a failed saga towards its end; 2 s
	Compensating time.Duration // how long a duplicate waits for an undoing; 2 s
}

// DefaultLimits keep an answer within 10 s.
func DefaultLimits() Limits {
	return Limits{
		Request: 8 * time.Second, Inventory: 5 * time.Second, AuditSend: 300 * time.Millisecond,
		CleanUp: 2 * time.Second, Compensating: 2 * time.Second,
	}
}

// Issuer runs the forward path of the saga: Reserve Inventory, Create Invoice.
type Issuer struct {
	Sagas       *saga.Store
	Invoices    *invoice.Store
	Merchants   Merchants
	Inventory   Inventory
	Breaker     Breaker // before the inventory
	Compensator Compensator
	Queue       Queue // of sagas to audit
	HandOff     Queue // of requests to issue
	Limits      Limits
	Now         func() time.Time
	Log         *slog.Logger

	series seriesCache
}

// Result is what the caller of Issue gets, now and at each replay.
type Result struct {
	Status    int
	Body      []byte
	InvoiceID string
	SagaID    string
	Document  string      // type of the invoice; empty for one that is accepted only
	Total     money.Paise // of the invoice
	Replayed  bool
}

// Issue issues the invoice that req asks for, once for each key, or says why
// not. Its errors are problem.Errors; Retryable says whether the same request
// with the same key may be sent again.
func (i *Issuer) Issue(ctx context.Context, key idempotency.Key, req gst.Request) (Result, error) {
	draft, err := i.assess(ctx, req)
	if err != nil {
		return Result{}, err
	}
	j := &attempt{Issuer: i, req: req, draft: draft}
	forward, cancel := context.WithTimeout(ctx, i.Limits.Request)
	defer cancel()
	for {
		answer, err := j.attempt(ctx, forward, key)
		if !errors.Is(err, saga.ErrLost) {
			return answer, err
		}
		if forward.Err() != nil {
			return Result{}, busy(j.opened)
		}
	}
}

// assess refuses what can be refused without touching the key.
func (i *Issuer) assess(ctx context.Context, req gst.Request) (gst.Invoice, error) {
	profile, err := i.Merchants.Get(ctx, req.SellerMerchantID)
	if err != nil {
		return gst.Invoice{}, unavailableUnlessKnown(err)
	}
	return gst.Assess(req, profile.Seller())
}

// attempt is one request on its way.
type attempt struct {
	*Issuer
	req     gst.Request
	draft   gst.Invoice
	opened  saga.BeginResult
	breaker breaker.Snapshot // as it was seen beside Begin
	answer  Result
}

func (j *attempt) attempt(ctx, forward context.Context, key idempotency.Key) (Result, error) {
	fingerprint := idempotency.Fingerprint(j.req.Canonical())
	patience := idempotency.WaitLimits{InProgress: j.Limits.Request - time.Second, Compensating: j.Limits.Compensating}
	opening := saga.BeginInput{MerchantID: j.req.SellerMerchantID, Reserves: len(j.req.StockLines()) > 0}
	looked := j.look(forward, opening.Reserves)
	opened, err := j.Sagas.Begin(forward, key, fingerprint, opening, patience)
	j.breaker = <-looked
	recordClaim(ctx, opened, err)
	if err != nil {
		j.Log.WarnContext(ctx, "begin failed", slog.String("error", err.Error()))
		return Result{}, unavailable("the request could not be begun", "", err)
	}
	j.opened = opened
	telemetry.Saga(ctx, opened.Saga.SagaID, j.req.SellerMerchantID)
	switch opened.Status {
	case idempotency.Acquired:
		return j.run(ctx, forward)
	case idempotency.Replay:
		return replay(opened.Saga)
	case idempotency.Mismatch:
		return Result{}, mismatch(opened.Saga)
	case idempotency.InProgress:
		return Result{}, busy(opened)
	default:
		return Result{}, compensating(opened)
	}
}

// run does the steps and sees a failed run to an end, or towards one.
func (j *attempt) run(ctx, forward context.Context) (Result, error) {
	trace, err := saga.Run(forward, j.Now, int(j.opened.Claim.Fence), j.steps())
	if err == nil {
		return j.answer, nil
	}
	if errors.Is(err, saga.ErrLost) {
		return Result{}, err
	}
	cleanUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), j.Limits.CleanUp)
	defer cancel()
	problem := j.problem(err)
	j.Log.WarnContext(ctx, "saga failed", slog.String(telemetry.SagaID, j.opened.Saga.SagaID),
		slog.String("code", problem.Code), slog.String("error", err.Error()))
	return j.giveUp(cleanUp, trace, problem)
}

func (j *attempt) steps() []saga.Step {
	var steps []saga.Step
	if j.opened.Saga.Reserves {
		steps = append(steps, saga.Step{Name: step.Reserve, Undo: step.Release, Do: recorded(step.Reserve, j.reserve)})
	}
	return append(steps, saga.Step{Name: step.Create, Undo: step.Delete, Do: recorded(step.Create, j.commit)})
}

// look reads the breaker's state beside Begin, never after it. It is done by the
// time that it takes, at the most.
func (j *attempt) look(ctx context.Context, reserves bool) <-chan breaker.Snapshot {
	seen := make(chan breaker.Snapshot, 1)
	if !reserves {
		seen <- breaker.Snapshot{}
		return seen
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, j.Limits.AuditSend)
		defer cancel()
		seen <- j.Breaker.State(ctx)
	}()
	return seen
}

// reserve asks the inventory, unless the breaker is open: then nothing was sent, and
// there is nothing to undo, unless a former owner of the saga may have sent it. An
// answer, yes or no, is a call that went well.
func (j *attempt) reserve(ctx context.Context, _ []saga.StepAttempt) error {
	err := j.askInventory(ctx)
	recordRefusal(ctx, err)
	return err
}

func (j *attempt) askInventory(ctx context.Context) error {
	permit, err := j.Breaker.Acquire(ctx, j.breaker)
	if err != nil && j.opened.Claim.Resumed {
		return inventoryAway(err)
	}
	if err != nil {
		return saga.Refuse(inventoryAway(err))
	}
	defer permit.Ignore()
	limited, cancel := context.WithTimeout(ctx, j.Limits.Inventory)
	defer cancel()
	if permit.Probe() {
		limited = resilience.WithoutRetries(limited)
	}
	err = j.Inventory.Reserve(limited, j.opened.Saga.SagaID, j.req.SellerMerchantID, j.req.StockLines())
	answered := err == nil || saga.IsRefusal(err)
	if answered || ctx.Err() == nil { // else the request's own time was up
		record := permit.RecordFailure
		if answered {
			record = permit.RecordSuccess
		}
		record(context.WithoutCancel(ctx))
	}
	return err
}

// giveUp aborts a saga that left nothing behind and hands any other one to its
// compensation. Whatever fails here, recovery picks up.
func (j *attempt) giveUp(ctx context.Context, t saga.RunResult, problem *problem.Error) (Result, error) {
	if len(t.Pending) == 0 {
		err := j.Sagas.Abort(ctx, j.opened, t.Steps, problem.Code)
		if errors.Is(err, saga.ErrLost) {
			return Result{}, err // what a former owner was refused is not the key's answer
		}
		if err != nil {
			j.Log.WarnContext(ctx, "abort failed", slog.String(telemetry.SagaID, j.opened.Saga.SagaID), slog.String("error", err.Error()))
		}
		return Result{}, problem
	}
	undone, err := j.Sagas.Compensate(ctx, j.opened, t, problem.Code)
	if errors.Is(err, saga.ErrCommitted) {
		return j.committed(ctx)
	}
	if errors.Is(err, saga.ErrLost) {
		return Result{}, err
	}
	if err == nil {
		err = j.Compensator.Start(ctx, undone)
	}
	if err != nil {
		j.Log.WarnContext(ctx, "compensation left to recovery", slog.String(telemetry.SagaID, j.opened.Saga.SagaID), slog.String("error", err.Error()))
	}
	return Result{}, problem
}

// committed answers from the record of a commit whose reply was lost.
func (j *attempt) committed(ctx context.Context) (Result, error) {
	r, err := j.Sagas.Load(ctx, j.opened.Saga.SagaID)
	if err != nil {
		return Result{}, unavailable("the invoice is issued, its answer could not be read", j.opened.Saga.SagaID, err)
	}
	answer, err := replay(r)
	answer.Replayed = false
	return answer, err
}
