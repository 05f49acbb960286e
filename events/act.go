package events

import "time"

// Act is an administrative act. It is sent to the audit log before it takes effect, so that no effect
// lacks its entry; an entry whose effect failed is possible. It names no buyer.
type Act struct {
	ID         string    `json:"id"` // the log has it once
	Action     string    `json:"action"`
	MerchantID string    `json:"merchant_id,omitempty"` // empty for an act on the platform
	Subject    string    `json:"subject,omitempty"`     // what it was done to
	Actor      string    `json:"actor"`
	Reason     string    `json:"reason,omitempty"`
	At         time.Time `json:"at"`
}
