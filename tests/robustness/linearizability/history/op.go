package history

import (
	"net/http"
	"strings"
	"time"
)

// Kinds of operations.
const (
	Create = "create"  // POST /invoices
	Read   = "read"    // GET /invoices/{id}
	Find   = "find"    // GET /invoices?invoice_number=
	Saga   = "saga"    // GET /sagas/{id}
	Stock  = "stock"   // GET /inventory/{sku}
	Count  = "count"   // PUT /inventory/{sku}
	Settle = "settled" // GET /inventory/{sku}, when nothing is on its way any more
)

// Op is what a client asked and what it was told. Times are nanoseconds since the
// run began.
type Op struct {
	Client   int           `json:"client"`
	Kind     string        `json:"kind"`
	Merchant string        `json:"merchant"`
	Key      string        `json:"key,omitempty"`      // idempotency key
	Payload  string        `json:"payload,omitempty"`  // names what was sent under the key
	Number   string        `json:"number,omitempty"`   // the client's own
	Series   string        `json:"series,omitempty"`   // or the series to allocate it from
	SKU      string        `json:"sku,omitempty"`      // none: nothing to reserve
	Quantity int           `json:"quantity,omitempty"` // wanted, or counted; whole units
	Patience time.Duration `json:"patience,omitempty"` // of the client; 0 for the usual
	Target   string        `json:"target,omitempty"`   // the invoice or the saga that is read
	Call     int64         `json:"call"`
	Return   int64         `json:"return"`
	Outcome  Outcome       `json:"outcome"`

	of int // the plan's request that it belongs to
}

// Outcome is what the client knows afterwards. Status 0 means that no answer came.
type Outcome struct {
	Status   int    `json:"status"`
	Code     string `json:"code,omitempty"` // of a problem
	Replayed bool   `json:"replayed,omitempty"`
	Bytes    string `json:"bytes,omitempty"`   // digest of the body as it came
	Content  string `json:"content,omitempty"` // digest of what it says, however spelled
	Invoice  string `json:"invoice,omitempty"`
	Number   string `json:"number,omitempty"`
	SagaID   string `json:"saga_id,omitempty"`
	State    string `json:"state,omitempty"` // of a saga
	OnHand   int    `json:"on_hand,omitempty"`
	Reserved int    `json:"reserved,omitempty"`
	Sold     int    `json:"sold,omitempty"`
	Error    string `json:"error,omitempty"` // why no answer came
}

// verdict sorts the answers to a create.
type verdict int

const (
	unknown  verdict = iota // it may have happened, may happen later, or never
	fresh                   // issued by this very request
	replayed                // the answer of an earlier one
	reused                  // the key stands for another payload
	busy                    // the key is being worked on, or its failed run undone
	short                   // out of stock
	taken                   // the number is another invoice's
	away                    // refused before anything was asked for
	strange                 // nothing that the API should say
)

func (o Op) verdict() verdict {
	switch {
	case o.Outcome.Status == http.StatusCreated && o.Outcome.Replayed:
		return replayed
	case o.Outcome.Status == http.StatusCreated:
		return fresh
	case o.Outcome.Code == "inventory_unavailable":
		return away
	case o.Outcome.Status == 0, o.Outcome.Status >= 500, o.Outcome.Status == http.StatusTooManyRequests:
		return unknown
	}
	byCode := map[string]verdict{
		"idempotency_key_reused": reused, "request_in_progress": busy, "compensation_in_progress": busy,
		"out_of_stock": short, "invoice_number_taken": taken,
	}
	if v, known := byCode[o.Outcome.Code]; known {
		return v
	}
	return strange
}

// answered tells whether a read or a count got a definite answer.
func (o Op) answered() bool { return o.Outcome.Status != 0 && o.Outcome.Status < 429 }

func (o Op) numberKey() string { return strings.ToUpper(o.Number) }
