package issuance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Advised waits before a retry.
const (
	soon  = time.Second
	later = 5 * time.Second
)

// answerOf answers a request that does not run, by what its claim found.
func (i *Issuer) answerOf(ctx context.Context, key idempotency.Key, o saga.BeginResult) (Result, error) {
	switch o.Status {
	case idempotency.Replay:
		return replay(key, o.Saga)
	case idempotency.Expired:
		return i.rebuild(ctx, o.Saga)
	case idempotency.Mismatch:
		return Result{}, mismatch(o.Saga)
	case idempotency.InProgress:
		return Result{}, inProgress(o)
	default:
		return Result{}, compensating(o)
	}
}

func replay(key idempotency.Key, r saga.Record) (Result, error) {
	body, err := r.Answer(key)
	if err != nil {
		return Result{}, &problem.Error{Kind: problem.Internal, Code: "internal", SagaID: r.SagaID, Cause: err}
	}
	return replayResult(r, body), nil
}

func replayResult(r saga.Record, body []byte) Result {
	return Result{
		Status: r.Status, Body: body, InvoiceID: r.InvoiceID, SagaID: r.SagaID,
		Document: r.Document, Total: money.Paise(r.TotalPaise), Replayed: true,
	}
}

// rebuild returns the invoice of a key whose answer has expired, as it is now.
func (i *Issuer) rebuild(ctx context.Context, r saga.Record) (Result, error) {
	inv, err := i.Invoices.WithContacts(i.Buyers).Load(ctx, r.InvoiceID)
	if problem.KindOf(err) == problem.NotFound {
		return Result{}, &problem.Error{
			Kind: problem.Conflict, Code: "idempotency_key_expired", SagaID: r.SagaID,
			Message: "this Idempotency-Key issued invoice " + r.InvoiceID + ", which can no longer be shown",
		}
	}
	if err != nil {
		return Result{}, unavailable("the invoice was issued but could not be read", r.SagaID, err)
	}
	body, err := strictjson.Marshal(inv)
	return replayResult(r, body), err
}

func mismatch(r saga.Record) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "idempotency_key_reused",
		Message: "this Idempotency-Key was used with another request", SagaID: r.SagaID,
	}
}

func inProgress(o saga.BeginResult) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "request_in_progress", Retryable: true, RetryAfter: soon, SagaID: o.Saga.SagaID,
		Message: "a request with this Idempotency-Key is still running; send the same request again to get its answer",
	}
}

func compensating(o saga.BeginResult) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "compensation_in_progress", Retryable: true, RetryAfter: later, SagaID: o.Saga.SagaID,
		Message: "an earlier request with this Idempotency-Key failed and is being undone; send the same request again later",
	}
}

func numberTaken(inv gst.Invoice) error {
	return &problem.Error{
		Kind: problem.Conflict,
		Code: "invoice_number_taken",
		Message: fmt.Sprintf(
			"number %s is taken by another %s of financial year %s",
			inv.InvoiceNumber,
			inv.DocumentType,
			inv.FinancialYear(),
		),
		Fields: []problem.FieldError{
			{Field: "invoice_number", Code: "invoice_number_taken", Message: "choose another number"},
		},
	}
}

// seriesBusy is the refusal of a commit whose transactions met others of its series all the time.
func seriesBusy(series string) error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "series_busy", Retryable: true, RetryAfter: soon,
		Message: "too many invoices of series " + series + " are being issued at this moment, and this one was not; " +
			"send the same request again, or with `Prefer: respond-async` to have it issued in its turn",
	}
}

func externalIDTaken(inv gst.Invoice) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "external_id_taken",
		Message: "another document has external_id " + strconv.QuoteToGraphic(inv.ExternalID),
		Fields: []problem.FieldError{
			{Field: "external_id", Code: "external_id_taken", Message: "is the external_id of another document"},
		},
	}
}

// inventoryUnavailable is the refusal of an open breaker.
func inventoryUnavailable(err error) error {
	wait := soon
	if open, ok := errors.AsType[*breaker.OpenError](err); ok {
		wait = open.RetryAfter
	}
	return &problem.Error{
		Kind: problem.Unavailable, Code: "inventory_unavailable", Retryable: true, RetryAfter: wait, Cause: err,
		Message: "the inventory is unavailable; nothing was done, send the same request again later",
	}
}

func unavailable(message, sagaID string, cause error) *problem.Error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "temporarily_unavailable", Message: message + "; send the same request again",
		Retryable: true, RetryAfter: later, SagaID: sagaID, Cause: cause,
	}
}

func messageTooLarge() error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusRequestEntityTooLarge, Code: "body_too_large",
		Message: "the body is too large for a request that is answered later; send it without Prefer: respond-async",
	}
}

func unavailableUnlessKnown(err error) error {
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	return unavailable("the request could not be checked", "", err)
}

// problemOf returns what the caller learns of a failed run of a saga.
func problemOf(err error, sagaID string) *problem.Error {
	var known *problem.Error
	switch {
	case errors.As(err, &known):
		failure := *known
		failure.SagaID = sagaID
		return &failure
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("the request ran out of time", sagaID, err)
	default:
		return unavailable("the request could not be carried out", sagaID, err)
	}
}
