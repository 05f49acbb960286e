package invoice

import (
	"net/http"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// manyItems is a number of items with which an invoice always fits a stored answer: an item has
// at most 300 characters of text and 500 bytes of the rest.
const manyItems = 200

// stamps bounds what issuing adds to a draft, in bytes: ids, number and time.
const stamps = 1 << 10

// CheckSize refuses a draft whose answer could not be stored: a *problem.Error of kind Invalid.
func CheckSize(draft gst.Invoice) error {
	if len(draft.Items) <= manyItems {
		return nil
	}
	body, err := strictjson.Marshal(draft)
	if err != nil {
		return err
	}
	compressed, err := idempotency.Compress(body)
	if err != nil || len(compressed) <= idempotency.MaxCompressed-stamps {
		return err
	}
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusRequestEntityTooLarge, Code: "invoice_too_large",
		Message: "the invoice is too large to be stored; split it into several invoices",
	}
}
