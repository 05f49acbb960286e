package main

import (
	"context"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/issuance"
)

// message issues the invoice that a message of invoice-requests asks for.
func (h handler) message(ctx context.Context, m lambdaevents.SQSMessage) error {
	in, err := issuance.ParseMessage(m.Body)
	if err == nil {
		_, err = h.issue(ctx, "queue", in.SentBy(m.Attributes["SenderId"]), in.Key, in.Request)
	}
	if err == nil {
		return nil
	}
	return h.failed(ctx, m, in, err)
}
