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
	// deadline is shortened from 15 s, so that a recovery is not mostly waited for.
	deadline = 3 * time.Second
)

var errRefused = errors.New("refused")

// runner runs sagas of four steps, which are calls of a server.
type runner struct {
	db    *dynamodb.Client
	table string
	sagas *saga.Store
	steps string
	http  *http.Client
}

func newRunner(db *dynamodb.Client, table, steps string) *runner {
	keys := idempotency.New(db, idempotency.Config{Table: table, Lease: deadline}, time.Now)
	return &runner{
		db: db, table: table, steps: steps,
		sagas: saga.NewStore(db, keys, saga.Config{Table: table, Deadline: deadline, CompensationTimeout: deadline}, time.Now),
		http:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// run sees a saga to its end as the issuer does: begin, the steps, and the commit
// that answers the key, or the undoing. Here the runner also does what Step Functions
// does of an undoing, and completes what the audit and the publishing complete.
func (r *runner) run(ctx context.Context, id string, fails bool) error {
	opened, err := r.sagas.Begin(ctx, idempotency.Key{Scope: "peers", ID: id}, "", saga.BeginInput{MerchantID: id}, idempotency.WaitLimits{})
	if err != nil {
		return err
	}
	if opened.Status != idempotency.Acquired {
		return idempotency.ErrBusy
	}
	trace, err := saga.Run(ctx, time.Now, 1, r.plan(id, fails))
	if err != nil {
		undoing, undoErr := r.sagas.Compensate(ctx, opened, trace, "failed")
		if undoErr != nil {
			return undoErr
		}
		return errors.Join(err, r.undo(ctx, undoing))
	}
	packed, err := idempotency.Compress([]byte(id))
	if err != nil {
		return err
	}
	commit, err := r.sagas.Commit(opened, saga.CommitInput{InvoiceID: id, Status: http.StatusCreated, Compressed: packed}, trace.Steps)
	if err != nil {
		return err
	}
	_, err = r.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{commit}})
	if err != nil {
		return err
	}
	return r.sagas.Complete(ctx, opened.Saga.SagaID)
}

// plan is the four steps as data. A compensation is named by its step's number.
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

// undo does what a saga owes and settles it. A merchant stands for the saga's name.
func (r *runner) undo(ctx context.Context, s saga.Record) error {
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

// call has the server of steps do one; a refusal is an answer, anything else unknown.
func (r *runner) call(ctx context.Context, what, id, n string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/%s/%s/%s", r.steps, what, id, n), http.NoBody)
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
