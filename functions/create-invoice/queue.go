package main

import (
	"context"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// maxMessage is SQS's limit of a message, in bytes.
const maxMessage = 1 << 20

// message issues the invoice that a message of invoice-requests asks for.
func (h handler) message(ctx context.Context, m lambdaevents.SQSMessage) error {
	key, req, err := parseMessage(m.Body)
	if err == nil {
		_, err = h.issue(ctx, "queue", key, req)
	}
	if err == nil {
		return nil
	}
	return h.failed(ctx, m, key, req, err)
}

// parseMessage reads {"idempotency_key": …, "invoice": {…}} as strictly as the HTTP door reads a
// request, and names every fault. The key is empty if the message does not identify its
// sender: a merchant and a key.
func parseMessage(body string) (idempotency.Key, gst.Request, error) {
	r, err := strictjson.ReadWithin([]byte(body), maxMessage)
	if err != nil {
		return idempotency.Key{}, gst.Request{}, err
	}
	id := strictjson.Matching(r, "idempotency_key", "idempotency_key_invalid", idempotency.ParseID)
	r.Require("idempotency_key", "invoice")
	var req gst.Request
	if invoice := r.Object("invoice"); r.Given("invoice") {
		req = gst.ReadRequest(invoice)
	}
	r.Finish()
	if id == "" || req.SellerMerchantID == "" {
		return idempotency.Key{}, req, r.Err()
	}
	return idempotency.Key{Scope: req.SellerMerchantID, ID: id}, req, r.Err()
}

func identify(key idempotency.Key, req gst.Request) saga.Message {
	return saga.Message{Key: key, Fingerprint: idempotency.Fingerprint(req.Canonical())}
}
