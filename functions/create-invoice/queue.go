package main

import (
	"context"
	"encoding/json"
	"errors"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// message issues the invoice that a message of invoice-requests asks for. What the
// HTTP door would refuse for good goes to the dead letter queue at once.
func (h handler) message(ctx context.Context, m lambdaevents.SQSMessage) error {
	var in events.InvoiceRequest
	if err := json.Unmarshal([]byte(m.Body), &in); err != nil {
		return queue.Permanent("body_not_json", errors.New("the message is not an object of idempotency_key and invoice"))
	}
	req, err := gst.ParseRequest(in.Invoice)
	if err != nil {
		return final(err)
	}
	key, err := idempotency.ParseKey(req.SellerMerchantID, in.IdempotencyKey)
	if err != nil {
		return final(err)
	}
	_, err = h.issue(ctx, "queue", key, req)
	return final(err)
}

// final sorts failures: one that says when to retry, or that is no refusal at all,
// comes back; any other goes to the dead letter queue with its code.
func final(err error) error {
	var known *problem.Error
	if !errors.As(err, &known) || known.RetryAfter > 0 || known.Kind == problem.Unavailable || known.Kind == problem.Internal {
		return err
	}
	return queue.Permanent(known.Code, errors.New(reason(known)))
}

// reason is the message with the first offending field.
func reason(e *problem.Error) string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	return e.Fields[0].Field + ": " + e.Fields[0].Code + ": " + e.Fields[0].Message
}
