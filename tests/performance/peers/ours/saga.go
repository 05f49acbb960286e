package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
)

const (
	lastStep = 4
	// deadline is 3 s instead of 15 s, so that the wait for it does not dominate a recovery.
	deadline = 3 * time.Second
)

var errRefused = errors.New("refused")

// runner runs sagas of four steps, each a call of the step server.
type runner struct {
	db    *dynamodb.Client
	sagas *saga.Store
	steps string
	http  *http.Client
}

func newRunner(db *dynamodb.Client, table, steps string) *runner {
	keys := idempotency.New(db, idempotency.Config{Table: table, Lease: deadline}, time.Now)
	cfg := saga.Config{Table: table, Deadline: deadline, StartTimeout: deadline}
	return &runner{
		db: db, steps: steps, sagas: saga.NewStore(db, keys, cfg, time.Now),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// run runs a saga to its end as the issuer does: begin, the steps, and the commit that
// completes the key, or the compensation. It also does the work of Step Functions in a
// compensation, and completes the saga in place of publish-event.
func (r *runner) run(ctx context.Context, id string, fails bool) error {
	key := idempotency.Key{Scope: "peers", ID: id}
	opened, err := r.sagas.Begin(ctx, key, "", saga.BeginInput{MerchantID: id}, idempotency.WaitLimits{})
	if err != nil {
		return err
	}
	if opened.Status != idempotency.Acquired {
		return idempotency.ErrBusy
	}
	trace, err := saga.Run(ctx, time.Now, 1, r.plan(id, fails))
	if err != nil {
		compensating, compensateErr := r.sagas.Compensate(ctx, opened, trace, "failed")
		if compensateErr != nil {
			return compensateErr
		}
		return errors.Join(err, r.compensate(ctx, compensating))
	}
	packed, err := idempotency.Compress([]byte(id))
	if err != nil {
		return err
	}
	result := saga.CommitInput{InvoiceID: id, Status: http.StatusCreated, Compressed: packed}
	commit, err := r.sagas.Commit(opened, result, trace.Steps)
	if err != nil {
		return err
	}
	_, err = r.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{commit},
	})
	if err != nil {
		return err
	}
	return r.sagas.Complete(ctx, opened.Saga.SagaID)
}

// plan returns the four steps as data. A compensation's name is its step's number.
func (r *runner) plan(id string, fails bool) []saga.Step {
	steps := make([]saga.Step, 0, lastStep)
	for n := 1; n <= lastStep; n++ {
		do := "do"
		if fails && n == lastStep {
			do = "refuse"
		}
		steps = append(steps, saga.Step{
			Name: "step-" + strconv.Itoa(n), Undo: strconv.Itoa(n),
			Do: func(ctx context.Context, _ []saga.StepAttempt) error { return r.call(ctx, do, id, strconv.Itoa(n)) },
		})
	}
	return steps
}

// compensate runs a saga's pending compensations and settles it. The merchant id is the
// saga's id at the step server.
func (r *runner) compensate(ctx context.Context, s saga.Record) error {
	done := make([]saga.StepAttempt, 0, len(s.Pending))
	for _, n := range s.Pending {
		run := saga.StepAttempt{Name: n, Attempt: 1, StartedAt: time.Now().UnixMilli(), Outcome: saga.OK}
		if err := r.call(ctx, "undo", s.MerchantID, n); err != nil {
			run.Outcome = saga.Failed
		}
		done = append(done, run)
	}
	_, err := r.sagas.Settle(ctx, s.SagaID, s.Redrive, done)
	return err
}

// call calls the step server. A refusal is definite; after any other error the outcome is
// unknown.
func (r *runner) call(ctx context.Context, what, id, n string) error {
	url := fmt.Sprintf("%s/%s/%s/%s", r.steps, what, id, n)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return err
	}
	reply, err := r.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = reply.Body.Close() }()
	_, _ = io.Copy(io.Discard, reply.Body)
	switch reply.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusConflict:
		return saga.Refuse(errRefused)
	default:
		return fmt.Errorf("%s %s: %s", what, n, reply.Status)
	}
}
