package operations

import (
	"encoding/json"
	"regexp"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
)

// Origin names the request or the saga that a message belongs to. A field that the message
// lacks, or that does not have the shape of an id, is empty: a malformed message may hold
// anything anywhere.
type Origin struct {
	MerchantID string
	Key        string // the idempotency key, of the queue requests only
	SagaID     string // of the other queues
}

// sagaShape is the shape of a saga's id.
var sagaShape = regexp.MustCompile(`^[a-z2-7]{26}-[a-z0-9]{10}$`)

// originOf reads the ids in a message of a queue.
func originOf(queue, body string) Origin {
	var m struct {
		events.InvoiceRequest

		SagaID     string       `json:"saga_id"`
		MerchantID string       `json:"merchant_id"`
		Event      events.Event `json:"event"` // of the queue publish
		Detail     struct {     // of an event from the bus
			events.Event
			events.InvoiceRequest
		} `json:"detail"`
	}
	_ = json.Unmarshal([]byte(body), &m) // what can be read of a malformed message is enough
	switch queue {
	case "requests":
		if len(m.Invoice) == 0 {
			return originOfRequest(m.Detail.InvoiceRequest)
		}
		return originOfRequest(m.InvoiceRequest)
	case "publish":
		return newOrigin(m.Event.MerchantID, "", m.Event.SagaID)
	case "inventory", undelivered:
		if len(m.Detail.Invoice) > 0 {
			return originOfRequest(m.Detail.InvoiceRequest)
		}
		return newOrigin(m.Detail.MerchantID, "", m.Detail.SagaID)
	default:
		return newOrigin(m.MerchantID, "", m.SagaID)
	}
}

func originOfRequest(r events.InvoiceRequest) Origin {
	var invoice struct {
		MerchantID string `json:"seller_merchant_id"`
	}
	_ = json.Unmarshal(r.Invoice, &invoice)
	return newOrigin(invoice.MerchantID, r.IdempotencyKey, "")
}

// newOrigin keeps what has the shape of an id. The shapes have no place for a name or an address.
func newOrigin(merchantID, key, sagaID string) Origin {
	var o Origin
	if gst.ValidMerchantID(merchantID) {
		o.MerchantID = merchantID
	}
	if k, err := idempotency.ParseKey("", key); err == nil {
		o.Key = k.ID
	}
	if sagaShape.MatchString(sagaID) {
		o.SagaID = sagaID
	}
	return o
}
