package gst

import (
	"encoding/json"
	"time"

	"github.com/invochain/invochain/shared/strictjson"
)

// Reasons of a cancellation, the codes 1 to 4 of the invoice portal.
const (
	Duplicate        = "duplicate"
	DataEntryMistake = "data_entry_mistake"
	OrderCancelled   = "order_cancelled"
	OtherReason      = "other"
)

// CancellationReasons lists the reasons of a cancellation.
func CancellationReasons() []string {
	return []string{Duplicate, DataEntryMistake, OrderCancelled, OtherReason}
}

// maxRemark is the most characters of a cancellation's remark, as at the invoice portal.
const maxRemark = 100

// CancelRequest asks to cancel an invoice.
type CancelRequest struct {
	InvoiceID string `json:"invoice_id"`
	Reason    string `json:"reason"`
	Remark    string `json:"remark,omitempty"`
}

// Cancellation is why and when an invoice was cancelled.
type Cancellation struct {
	Reason      string `json:"reason" dynamodbav:"reason"`
	Remark      string `json:"remark,omitempty" dynamodbav:"remark,omitempty"`
	SagaID      string `json:"saga_id" dynamodbav:"saga_id"`
	RequestedAt string `json:"requested_at" dynamodbav:"requested_at"` // RFC 3339, UTC, milliseconds
}

// ParseCancelRequest reads the body of POST /invoices/{id}/cancellation. Errors are those of
// ParseRequest.
func ParseCancelRequest(invoiceID string, body []byte) (CancelRequest, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return CancelRequest{}, err
	}
	c := CancelRequest{
		InvoiceID: invoiceID, Remark: r.Text("remark", maxRemark),
		Reason: r.OneOf("reason", append([]string{""}, CancellationReasons()...)...),
	}
	r.Require("reason")
	r.Finish()
	return c, r.Err()
}

// Canonical returns equal bytes for requests of the same meaning. The fingerprint is its hash.
func (c CancelRequest) Canonical() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("gst: a request of plain fields cannot fail to encode: " + err.Error())
	}
	return b
}

// CancelUntil returns the last day on which an invoice may be cancelled: the one on which the GSTR-1
// is due that it belongs to, 11 days after its month, or 13 after its quarter for a seller who files
// by quarter (notification 83/2020-Central Tax). It belongs to the month of its date, or to that of
// the day on which it was issued if that is later. After that a credit note corrects it.
func CancelUntil(dated, issued Date, quarterly bool) Date {
	t, err := time.Parse(time.DateOnly, string(max(dated, issued)))
	if err != nil {
		return ""
	}
	month, day := t.Month()+1, 11
	if quarterly {
		month, day = (t.Month()-1)/3*3+4, 13
	}
	return Date(time.Date(t.Year(), month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}
