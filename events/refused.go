package events

import "encoding/json"

// RequestRefused is the data of invoice.refused: a request of the queue invoice-requests was refused
// for good. It is what POST /invoices would have answered.
type RequestRefused struct {
	IdempotencyKey string          `json:"idempotency_key"`
	Reason         string          `json:"reason"`             // the problem's code
	Message        string          `json:"message"`            // for people
	Errors         json.RawMessage `json:"errors,omitempty"`   // as in the problem document; at most 100
	Findings       json.RawMessage `json:"findings,omitempty"` // likewise
}

// NewRefused returns the event of a refused message. Its ID depends on the message alone, which
// has no saga if it was refused before one began.
func NewRefused(messageID, sagaID, merchantID, at string, data RequestRefused) (Event, error) {
	e, err := New(InvoiceRefused, sagaID, merchantID, at, data)
	e.ID = messageID + "." + InvoiceRefused
	return e, err
}
