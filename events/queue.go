package events

import "encoding/json"

// InvoiceRequest is a message of the invoice-requests queue, and the detail of
// order.completed.
type InvoiceRequest struct {
	IdempotencyKey string          `json:"idempotency_key"`
	Invoice        json.RawMessage `json:"invoice"`
}

// AuditRequest is a message of the audit queue: look at this saga.
type AuditRequest struct {
	SagaID     string `json:"saga_id"`
	MerchantID string `json:"merchant_id"`
}

// PublishRequest is a message of the publish queue: put this event on the bus. AuditedAt
// and AuditMS time the audit step of invoice.created, for the saga's timeline.
type PublishRequest struct {
	Event     Event `json:"event"`
	AuditedAt int64 `json:"audited_at,omitempty"` // Unix milliseconds
	AuditMS   int64 `json:"audit_ms,omitempty"`
}

// CompensationFailed is a message of the compensation DLQ: this compensation could not be
// done. The saga's record is the truth; the message is the operator's copy.
type CompensationFailed struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Step       string          `json:"step"`
	Redrive    int             `json:"redrive"`
	Error      json.RawMessage `json:"error"` // {Error, Cause} as Step Functions gives them
}

// Reserve is the payload that reserve-inventory is invoked with.
type Reserve struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Lines      json.RawMessage `json:"lines"` // [{sku, quantity}]
	// TraceParent is the caller's span (W3C Trace Context).
	TraceParent string `json:"traceparent,omitempty"`
}

// Outcomes of Reserved.
const (
	Reserved = "reserved"
	Refused  = "refused"
)

// ReserveResult is what reserve-inventory answers. A refusal is final.
type ReserveResult struct {
	Outcome string          `json:"outcome"`
	Refusal json.RawMessage `json:"refusal,omitempty"`
}
