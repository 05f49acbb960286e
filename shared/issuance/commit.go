package issuance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/resilience"
)

// Places of the items in the commit's transaction.
const (
	atSaga = iota
	_      // the invoice: its id is its saga's, so the saga's item speaks for it
	atNumber
	atSeries
)

// Pauses between attempts of a commit that met another one in flight.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

func scopeOf(inv gst.Invoice) invoice.NumberScope {
	return invoice.NumberScope{MerchantID: inv.SellerMerchantID, DocumentType: inv.DocumentType, FinancialYear: inv.FinancialYear()}
}

// commit issues the invoice in one transaction: the invoice, its number, the
// answer to the key and the saga's advance happen together or not at all. The
// nudge to the audit queue goes out beside it, delayed by a second, so that the
// answer hardly waits for it; if it is lost, recovery finds the saga due.
func (j *attempt) commit(ctx context.Context, before []saga.StepAttempt) error {
	own := saga.StepAttempt{Name: step.Create, Attempt: int(j.opened.Claim.Fence), StartedAt: j.Now().UnixMilli(), Outcome: saga.OK}
	nudged := make(chan struct{})
	nudge, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(nudged)
		if err := j.Queue.Send(nudge, events.AuditRequest{SagaID: j.opened.Saga.SagaID, MerchantID: j.req.SellerMerchantID}); err != nil {
			j.Log.WarnContext(ctx, "nudge left to recovery", slog.String(telemetry.SagaID, j.opened.Saga.SagaID), slog.String("error", err.Error()))
		}
	}()
	err := j.transact(ctx, append(before, own))
	// What is slow under load is slow for both: only from here on is the nudge waited for.
	defer time.AfterFunc(j.Limits.AuditSend, cancel).Stop()
	<-nudged
	return err
}

func (j *attempt) transact(ctx context.Context, steps []saga.StepAttempt) error {
	seq, err := j.firstNumber(ctx)
	if err != nil {
		return err
	}
	read := seq
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for {
		items, answer, err := j.items(read, seq, steps)
		if err != nil {
			return err
		}
		err = j.Invoices.Write(ctx, items)
		if err == nil {
			j.committedAs(answer, seq)
			return nil
		}
		if read, seq, err = j.afterRefusal(ctx, err, read, seq, answer); err != nil || j.answer.Status != 0 {
			return err
		}
		if err := pause.Wait(ctx); err != nil {
			return err
		}
		if read, seq, err = j.afresh(ctx, read, seq); err != nil {
			return err
		}
	}
}

// afresh reads the series' position behind the pause: what was known before it is
// stale when others allocate, and an attempt with it would only fail.
func (j *attempt) afresh(ctx context.Context, read, seq int64) (int64, int64, error) {
	if j.req.Series == "" {
		return read, seq, nil
	}
	next, err := j.Invoices.NextInSeries(ctx, scopeOf(j.draft), j.req.Series)
	return next, max(seq, next), err
}

// afterRefusal says how to go on after a commit that was not acknowledged: with
// which series position and number to try again, or with which error to stop. A
// commit that had landed sets the answer.
func (j *attempt) afterRefusal(ctx context.Context, err error, read, seq int64, answer Result) (int64, int64, error) {
	if item, refused := dynamo.ConditionFailedAt(err, atSaga); refused {
		if idempotency.OwnedBy(j.opened.Claim, item) {
			return read, seq, j.stored(ctx)
		}
		return read, seq, saga.ErrLost
	}
	if item, refused := dynamo.ConditionFailedAt(err, atSeries); refused {
		next := invoice.NextOf(item)
		return next, next, nil
	}
	if _, refused := dynamo.ConditionFailedAt(err, atNumber); refused {
		if j.req.Series == "" {
			return read, seq, saga.Refuse(numberTaken(j.draft))
		}
		return read, seq + 1, nil // a client gave this number itself: the series passes it
	}
	if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {
		return read, seq, j.stored(ctx)
	}
	if dynamo.Contended(err) {
		return read, seq, nil
	}
	return read, seq, fmt.Errorf("commit %s: %w", answer.SagaID, err)
}

// stored sets the answer when the saga's record shows that this claim's commit
// had landed.
func (j *attempt) stored(ctx context.Context) error {
	r, err := j.Sagas.Load(ctx, j.opened.Saga.SagaID)
	if err != nil {
		return fmt.Errorf("re-read the saga after a lost reply: %w", err)
	}
	if r.State != saga.Committed && r.State != saga.Completed {
		return nil
	}
	if j.answer, err = replay(r); err == nil {
		j.answer.Replayed = false
	}
	return err
}

// items of the transaction, in the order of the places above.
func (j *attempt) items(read, seq int64, steps []saga.StepAttempt) ([]types.TransactWriteItem, Result, error) {
	inv, err := j.invoice(seq)
	if err != nil {
		return nil, Result{}, err
	}
	body, err := json.Marshal(inv)
	if err != nil {
		return nil, Result{}, err
	}
	packed, err := compress(body)
	if err != nil {
		return nil, Result{}, err
	}
	advanced, err := j.Sagas.Commit(j.opened, saga.CommitInput{
		InvoiceID: inv.ID, Number: inv.InvoiceNumber, Document: inv.DocumentType, Dated: string(inv.InvoiceDate),
		TotalPaise: int64(inv.Totals.Total), Status: http.StatusCreated, Compressed: packed,
	}, j.timed(steps))
	if err != nil {
		return nil, Result{}, err
	}
	puts, err := j.Invoices.PutItems(scopeOf(inv), inv, j.req.Series, packed)
	if err != nil {
		return nil, Result{}, err
	}
	items := append([]types.TransactWriteItem{advanced}, puts...)
	if j.req.Series != "" {
		advance, err := j.Invoices.AdvanceSeries(scopeOf(inv), j.req.Series, read, seq)
		if err != nil {
			return nil, Result{}, err
		}
		items = append(items, advance)
	}
	return items, Result{
		Status: http.StatusCreated, Body: body, InvoiceID: inv.ID, SagaID: inv.SagaID,
		Document: inv.DocumentType, Total: inv.Totals.Total,
	}, nil
}

func (j *attempt) invoice(seq int64) (gst.Invoice, error) {
	inv := j.draft
	inv.SagaID = j.opened.Saga.SagaID
	inv.ID, inv.Status = invoice.IDFromSaga(inv.SagaID), invoice.Issued
	inv.CreatedAt = j.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	if j.req.Series == "" {
		return inv, nil
	}
	number, err := gst.SeriesNumber(j.req.Series, inv.FinancialYear(), seq)
	if err != nil {
		return gst.Invoice{}, saga.Refuse(err)
	}
	inv.InvoiceNumber = number
	return inv, nil
}

// timed gives the last step, which is the commit itself, the duration so far.
func (j *attempt) timed(steps []saga.StepAttempt) []saga.StepAttempt {
	last := &steps[len(steps)-1]
	last.DurationMS = j.Now().UnixMilli() - last.StartedAt
	return steps
}

// firstNumber is the series position to try first: what this instance saw last,
// else what the table says. A stale one costs one more attempt, which brings the
// right one back.
func (j *attempt) firstNumber(ctx context.Context) (int64, error) {
	if j.req.Series == "" {
		return 0, nil
	}
	if next, known := j.series.get(j.seriesKey()); known {
		return next, nil
	}
	return j.Invoices.NextInSeries(ctx, scopeOf(j.draft), j.req.Series)
}

func (j *attempt) seriesKey() string { return scopeOf(j.draft).SeriesKey(j.req.Series) }

func (j *attempt) committedAs(a Result, seq int64) {
	j.answer = a
	if j.req.Series != "" {
		j.series.put(j.seriesKey(), seq+1)
	}
}

var errTooLarge = errors.New("the packed invoice is over the limit of a stored answer")

func compress(body []byte) ([]byte, error) {
	packed, err := idempotency.Compress(body)
	if err == nil && len(packed) > idempotency.MaxCompressed {
		err = errTooLarge
	}
	return packed, err
}
