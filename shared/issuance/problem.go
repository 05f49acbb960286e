package issuance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Waits that a caller is advised of.
const (
	soon  = time.Second
	later = 5 * time.Second
)

func replay(r saga.Record) (Result, error) {
	body, err := idempotency.Decompress(r.Body)
	if err != nil {
		return Result{}, &problem.Error{Kind: problem.Internal, Code: "internal", SagaID: r.SagaID, Cause: err}
	}
	return Result{
		Status: r.Status, Body: body, InvoiceID: r.InvoiceID, SagaID: r.SagaID,
		Document: r.Document, Total: money.Paise(r.TotalPaise), Replayed: true,
	}, nil
}

func mismatch(r saga.Record) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "idempotency_key_reused",
		Message: "this Idempotency-Key was used with another request", SagaID: r.SagaID,
	}
}

func busy(o saga.BeginResult) error {
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
		Kind: problem.Conflict, Code: "invoice_number_taken",
		Message: fmt.Sprintf("number %s is taken by another %s of financial year %s", inv.InvoiceNumber, inv.DocumentType, inv.FinancialYear()),
		Fields:  []problem.FieldError{{Field: "invoice_number", Code: "invoice_number_taken", Message: "choose another number"}},
	}
}

// inventoryAway is the refusal of an open breaker.
func inventoryAway(err error) error {
	wait := soon
	if open, ok := errors.AsType[*breaker.OpenError](err); ok {
		wait = open.RetryAfter
	}
	return &problem.Error{
		Kind: problem.Unavailable, Code: "inventory_unavailable", Retryable: true, RetryAfter: wait, Cause: err,
		Message: "the inventory does not answer at present; nothing was done, send the same request again",
	}
}

func unavailable(message, sagaID string, cause error) *problem.Error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "temporarily_unavailable", Message: message + "; send the same request again",
		Retryable: true, RetryAfter: later, SagaID: sagaID, Cause: cause,
	}
}

func unavailableUnlessKnown(err error) error {
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	return unavailable("the request could not be checked", "", err)
}

// problem is what the caller is told of a failed run.
func (j *attempt) problem(err error) *problem.Error {
	var known *problem.Error
	switch {
	case errors.As(err, &known):
		told := *known
		told.SagaID = j.opened.Saga.SagaID
		return &told
	case errors.Is(err, errTooLarge):
		return &problem.Error{
			Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "invoice_too_large",
			Message: "the invoice is too large to be stored; split it", SagaID: j.opened.Saga.SagaID,
		}
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("the request ran out of time", j.opened.Saga.SagaID, err)
	default:
		return unavailable("the request could not be carried out", j.opened.Saga.SagaID, err)
	}
}
