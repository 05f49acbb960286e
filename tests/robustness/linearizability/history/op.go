package history

import (
	"net/http"
	"strings"
	"time"
)

// Kinds of operations.
const (
	Create = "create"  // POST /invoices
	Cancel = "cancel"  // POST /invoices/{id}/cancellation
	Read   = "read"    // GET /invoices/{id}
	Find   = "find"    // GET /invoices?invoice_number=
	Saga   = "saga"    // GET /sagas/{id}
	Stock  = "stock"   // GET /inventory/{sku}
	Count  = "count"   // PUT /inventory/{sku}
	Settle = "settled" // GET /inventory/{sku} at the end, when nothing is in flight
)

// Op is a client's request with its outcome. Times are nanoseconds since the run began.
type Op struct {
	Client   int           `json:"client"`
	Kind     string        `json:"kind"`
	Merchant string        `json:"merchant"`
	Key      string        `json:"key,omitempty"`      // idempotency key
	Payload  string        `json:"payload,omitempty"`  // identifies the body sent with the key; a cancellation's reason
	Number   string        `json:"number,omitempty"`   // chosen by the client
	Series   string        `json:"series,omitempty"`   // or the series to allocate it from
	SKU      string        `json:"sku,omitempty"`      // empty: nothing to reserve or to return
	Quantity int           `json:"quantity,omitempty"` // requested, returned or counted, in whole units
	Patience time.Duration `json:"patience,omitempty"` // the request's timeout; 0 for the default
	Target   string        `json:"target,omitempty"`   // id of the invoice to cancel, or of the invoice or saga to read
	Call     int64         `json:"call"`
	Return   int64         `json:"return"`
	Outcome  Outcome       `json:"outcome"`

	of int // index of the create in the plan
}

// Outcome is the client's knowledge after the request. Status 0 means no response.
type Outcome struct {
	Status   int    `json:"status"`
	Code     string `json:"code,omitempty"` // of a problem
	Replayed bool   `json:"replayed,omitempty"`
	Bytes    string `json:"bytes,omitempty"`   // digest of the body
	Content  string `json:"content,omitempty"` // digest of the canonical JSON of what does not change
	Invoice  string `json:"invoice,omitempty"`
	Number   string `json:"number,omitempty"`
	SagaID   string `json:"saga_id,omitempty"`
	State    string `json:"state,omitempty"` // of a saga, or an invoice's status
	OnHand   int    `json:"on_hand,omitempty"`
	Reserved int    `json:"reserved,omitempty"`
	Sold     int    `json:"sold,omitempty"`
	Error    string `json:"error,omitempty"` // why there is no response
}

// verdict classifies the answer to a create or a cancel.
type verdict int

const (
	unknown    verdict = iota // it may have taken effect, may later, or never
	fresh                     // done by this request
	replayed                  // the answer to an earlier request
	reused                    // the key was used with another payload
	busy                      // the key is in progress, or its failed run is being compensated
	short                     // out of stock
	taken                     // the number belongs to another invoice
	tooLate                   // another cancellation holds the invoice
	away                      // refused before anything was reserved
	unexpected                // an answer that the API should not give
)

func (o Op) verdict() verdict {
	switch {
	case o.succeeded() && o.Outcome.Replayed:
		return replayed
	case o.succeeded():
		return fresh
	case o.Outcome.Code == "inventory_unavailable":
		return away
	case o.Outcome.Status == 0, o.Outcome.Status >= 500, o.Outcome.Status == http.StatusTooManyRequests:
		return unknown
	}
	byCode := map[string]verdict{"idempotency_key_reused": reused, "request_in_progress": busy}
	if o.Kind == Cancel {
		byCode["already_cancelled"] = tooLate
	} else {
		byCode["compensation_in_progress"] = busy
		byCode["out_of_stock"], byCode["invoice_number_taken"] = short, taken
	}
	if v, known := byCode[o.Outcome.Code]; known {
		return v
	}
	return unexpected
}

// succeeded reports whether the answer is that of an issued invoice, or of an accepted cancellation.
func (o Op) succeeded() bool {
	return o.Kind == Create && o.Outcome.Status == http.StatusCreated ||
		o.Kind == Cancel && o.Outcome.Status == http.StatusAccepted
}

// keyed reports whether the request has an idempotency key.
func (o Op) keyed() bool { return o.Kind == Create || o.Kind == Cancel }

// answered reports whether a read or a count got a definite answer.
func (o Op) answered() bool { return o.Outcome.Status != 0 && o.Outcome.Status < 429 }

func (o Op) numberKey() string { return strings.ToUpper(o.Number) }
