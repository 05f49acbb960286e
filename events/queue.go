package events

import "encoding/json"

// InvoiceRequest is a message of the queue invoice-requests, and the detail of
// order.completed events, which other systems put on the bus.
type InvoiceRequest struct {
	IdempotencyKey string          `json:"idempotency_key"`
	Invoice        json.RawMessage `json:"invoice"` // body of POST /invoices
}

// AuditRequest is a message of the audit queue: append this saga's invoice, or this administrative
// act, to the audit log. A message has a saga or an act.
type AuditRequest struct {
	SagaID     string `json:"saga_id,omitempty"`
	MerchantID string `json:"merchant_id,omitempty"` // of the saga
	Act        *Act   `json:"act,omitempty"`
}

// PublishRequest is a message of the publish queue: put this event on the bus. AuditedAt and
// AuditMS time the audit step of invoice.created, for the saga's timeline.
type PublishRequest struct {
	Event     Event `json:"event"`
	AuditedAt int64 `json:"audited_at,omitempty"` // Unix milliseconds
	AuditMS   int64 `json:"audit_ms,omitempty"`   // milliseconds
}

// CompensationFailed is a message of the compensation DLQ: this compensation did not succeed.
// The saga's record is authoritative; the message notifies the operator.
type CompensationFailed struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Step       string          `json:"step"`
	Redrive    int             `json:"redrive"` // 0 for the first compensation
	Error      json.RawMessage `json:"error"`   // {Error, Cause} of Step Functions
}
