package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/strictjson"
)

// Compliance policies of a merchant.
const (
	Strict = "strict" // an invoice with a finding that blocks what the seller files is refused
	Advise = "advise" // findings are returned with the invoice
)

// Seller holds the properties of the seller that an invoice depends on. Any policy other
// than Advise counts as Strict.
type Seller struct {
	GSTIN      GSTIN
	Compliance string
	// Turnover and EInvoiceExempt, one of ExemptClasses, decide whether the seller registers its
	// invoices: if not, what blocks e-invoices alone refuses none. Both may be empty.
	Turnover       []Turnover
	EInvoiceExempt string
	// ClosedThrough is the last month whose books are closed: it and those before it get no more
	// documents. Empty if none is.
	ClosedThrough Month
	// Supplier is stored in each invoice; nil stores none.
	Supplier *Supplier
}

// ParseSellerGSTIN accepts a GSTIN that may issue tax invoices. It must be correct in every
// respect, whatever the merchant's policy: every invoice shows it, and its state decides
// where each supply is taxed. Errors carry their field code as a strictjson.ValueError.
func ParseSellerGSTIN(s string) (GSTIN, error) {
	g, err := ParseGSTIN(s)
	switch {
	case err != nil:
		return "", err
	case !g.ValidChecksum():
		return "", strictjson.ValueError{Code: "gstin_checksum", Message: checksumMessage(g)}
	case !g.registration().sells:
		return "", strictjson.ValueError{Code: "gstin_class", Message: "this class of registration cannot issue tax invoices"}
	case !activeState(g.State()):
		return "", strictjson.ValueError{
			Code: "state_unknown", Message: "the first two digits are not the code of a state that registers sellers",
		}
	}
	return g, nil
}

func checksumMessage(g GSTIN) string {
	return fmt.Sprintf("the checksum, the last character, should be %c; check the GSTIN for typing errors",
		g.CheckCharacter())
}
