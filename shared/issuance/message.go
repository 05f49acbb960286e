package issuance

import (
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// Message is a message of the queue invoice-requests. Key is empty if the message does not
// identify its sender: a merchant and a key.
type Message struct {
	Key     idempotency.Key
	Request gst.Request

	isEvent bool // it is an event from the bus
}

// Identity returns what tells the message's request from others with its key.
func (m Message) Identity() saga.Message {
	return saga.Message{Key: m.Key, Fingerprint: idempotency.Fingerprint(m.Request.Canonical())}
}

// ParseMessage reads {"idempotency_key": …, "invoice": {…}} as strictly as the HTTP door reads a
// request, or an event from the bus whose detail is that. Its error names every fault, like that
// of gst.ParseRequest. What EventBridge writes around the detail may grow, so it is not checked.
func ParseMessage(body string) (Message, error) {
	r, err := strictjson.ReadWithin([]byte(body), queue.MaxMessage)
	if err != nil {
		return Message{}, err
	}
	m := Message{isEvent: r.Given("detail-type")}
	if m.isEvent {
		r = r.Unwrap("detail")
	}
	id := strictjson.Matching(r, "idempotency_key", "idempotency_key_invalid", idempotency.ParseID)
	r.Require("idempotency_key", "invoice")
	if invoice := r.Object("invoice"); r.Given("invoice") {
		m.Request = gst.ReadRequest(invoice)
	}
	r.Finish()
	if id != "" && m.Request.SellerMerchantID != "" {
		m.Key = idempotency.Key{Scope: m.Request.SellerMerchantID, ID: id}
	}
	return m, r.Err()
}
