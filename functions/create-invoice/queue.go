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

// message issues the invoice that a message of invoice-requests asks for. A request that
// the HTTP door would refuse for good is dead-lettered at once.
func (h handler) message(ctx context.Context, m lambdaevents.SQSMessage) error {
	var in events.InvoiceRequest
	if err := json.Unmarshal([]byte(m.Body), &in); err != nil {
		return queue.Permanent(
			"body_not_json",
			errors.New("the message is not a JSON object with idempotency_key and invoice"),
		)
	}
	req, err := gst.ParseRequest(in.Invoice)
	if err != nil {
		return permanentIfRefused(err)
	}
	key, err := idempotency.ParseKey(req.SellerMerchantID, in.IdempotencyKey)
	if err != nil {
		return permanentIfRefused(err)
	}
	_, err = h.issue(ctx, "queue", key, req)
	return permanentIfRefused(err)
}

// permanentIfRefused marks a refusal as permanent, so that the message is dead-lettered
// with the refusal's code. A refusal that advises a retry, and any fault, is retried.
func permanentIfRefused(err error) error {
	known, ok := errors.AsType[*problem.Error](err)
	if !ok || known.RetryAfter > 0 || !problem.IsCallerFault(err) {
		return err
	}
	return queue.Permanent(known.Code, errors.New(reason(known)))
}

// reason returns the message of a refusal with its first offending field.
func reason(e *problem.Error) string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	return e.Fields[0].Field + ": " + e.Fields[0].Code + ": " + e.Fields[0].Message
}
