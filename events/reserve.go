package events

import "encoding/json"

// Reserve is the payload that reserve-inventory is invoked with.
type Reserve struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Lines      json.RawMessage `json:"lines"` // [{sku, quantity, items}]
	// Returns means that the goods come back: what is reserved was sold.
	Returns bool `json:"returns,omitempty"`
	// TraceParent is the caller's span (W3C Trace Context).
	TraceParent string `json:"traceparent,omitempty"`
}

// Outcomes of a Reserve.
const (
	Reserved = "reserved"
	Refused  = "refused"
)

// ReserveResult is the result of reserve-inventory. A refusal is final.
type ReserveResult struct {
	Outcome string          `json:"outcome"`
	Refusal json.RawMessage `json:"refusal,omitempty"` // a problem.Error
}
