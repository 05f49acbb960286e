package events

import (
	"encoding/json"

	"github.com/invochain/invochain/shared/gst/money"
)

// Source is the source of this system's events on the bus.
const Source = "invochain"

// Types of events.
const (
	InvoiceCreated     = "invoice.created"
	InvoiceCancelled   = "invoice.cancelled"
	InvoiceCompensated = "invoice.compensated"
	SagaStuck          = "saga.stuck"
	SagaStepFailed     = "saga.step_failed"
	InvoiceRefused     = "invoice.refused"
)

// version is the version of the events' format. Consumers must refuse an unknown one.
const version = "1"

// Event is the detail of an event on the bus. It may be delivered more than once, with the
// same ID each time, and in any order.
type Event struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Version    string          `json:"version"`
	Time       string          `json:"time"` // RFC 3339
	MerchantID string          `json:"merchant_id"`
	SagaID     string          `json:"saga_id,omitempty"` // empty for a request that was refused before a saga began
	Data       json.RawMessage `json:"data"`              // Document, RequestRefused or SagaFailed
	// TraceParent is the span of the work that produced the event (W3C Trace Context).
	TraceParent string `json:"traceparent,omitempty"`
}

// New returns an event of a saga. Its ID depends on the type and the saga alone.
func New(kind, sagaID, merchantID, at string, data any) (Event, error) {
	raw, err := json.Marshal(data)
	return Event{
		ID: sagaID + "." + kind, Type: kind, Version: version, Time: at,
		MerchantID: merchantID, SagaID: sagaID, Data: raw,
	}, err
}

// Document is the data of invoice.created and invoice.cancelled. It contains no data of the buyer.
type Document struct {
	InvoiceID     string      `json:"invoice_id"`
	InvoiceNumber string      `json:"invoice_number"`
	DocumentType  string      `json:"document_type"`
	InvoiceDate   string      `json:"invoice_date"`
	Total         money.Paise `json:"total"` // in JSON rupees
	Currency      string      `json:"currency"`
}

// SagaFailed is the data of invoice.compensated, saga.stuck and saga.step_failed.
type SagaFailed struct {
	Reason string `json:"reason"`         // code of the error that the saga failed with
	Step   string `json:"step,omitempty"` // name of the step that failed
}
