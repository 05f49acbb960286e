package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
)

// Filings that a finding may block.
const (
	gstr1    = "GSTR-1"
	eInvoice = "e-invoice"
)

// namedBuyerFrom: from this value of the supply, before tax, the invoice of an
// unregistered buyer needs a name and an address (rule 46(e)).
const namedBuyerFrom money.Paise = 50_000_00

// findings lists what keeps the invoice from being filed; empty, never nil.
func findings(i Invoice) []Finding {
	found := append([]Finding{}, buyerFindings(i)...)
	found = append(found, documentFindings(i)...)
	for n, line := range i.Items {
		found = append(found, lineFindings(i, n, line)...)
	}
	return found
}

func buyerFindings(i Invoice) (found []Finding) {
	add := func(code, field, message string, blocks ...string) {
		found = append(found, Finding{Code: code, Field: field, Message: message, Blocks: blocks})
	}
	g := i.BuyerGSTIN
	switch {
	case g != "" && !g.ValidChecksum():
		add("gstin_checksum", "buyer_gstin", fmt.Sprintf("the check character should be %c", g.CheckCharacter()), gstr1, eInvoice)
	case g == "" && needsBuyerGSTIN(i.SupplyType):
		add("gstin_missing", "buyer_gstin", "this supply type needs the buyer's GSTIN", gstr1, eInvoice)
	case g != "" && !g.registration().buys:
		add("gstin_class", "buyer_gstin", "registrations of this class are no recipients of a registered supply", gstr1, eInvoice)
	case g != "" && legacyState(g.State()):
		add("state_legacy", "buyer_gstin", "its state code is no longer in use", gstr1, eInvoice)
	case g != "" && !liveState(g.State()):
		add("state_unknown", "buyer_gstin", "its first two digits are no state", gstr1, eInvoice)
	}
	if g == "" && i.SupplyType == B2C && i.value() >= namedBuyerFrom && (i.BuyerName == "" || i.BuyerAddress == "") {
		add("buyer_address_missing", "buyer_address", "from ₹50,000 an unregistered buyer's name and address are needed", gstr1)
	}
	if i.SupplyType == B2C && g != "" {
		add("supply_type_mismatch", "supply_type", "a buyer with a GSTIN is not B2C", gstr1)
	}
	return found
}

// value of the supply, before tax where the lines tell.
func (i *Invoice) value() money.Paise {
	if len(i.Items) == 0 {
		return i.Totals.Total
	}
	return i.Totals.TaxableValue
}

func needsBuyerGSTIN(supply string) bool {
	switch supply {
	case B2B, SEZWP, SEZWOP, DEXP:
		return true
	default:
		return false
	}
}

func documentFindings(i Invoice) (found []Finding) {
	add := func(code, field, message string, blocks ...string) {
		found = append(found, Finding{Code: code, Field: field, Message: message, Blocks: blocks})
	}
	if len(i.Items) == 0 {
		add("no_items", "items", "without lines the tax is unknown", gstr1, eInvoice)
	}
	if n := i.InvoiceNumber; n != "" && i.SupplyType != B2C && (n[0] == '0' || n[0] == '/' || n[0] == '-') {
		add("number_first_character", "invoice_number", "an e-invoice's number begins with neither 0, / nor -", eInvoice)
	}
	export := i.SupplyType == EXPWP || i.SupplyType == EXPWOP
	if export != (i.PlaceOfSupply == otherCountries) {
		add("place_of_supply_mismatch", "place_of_supply", "96 is the place of supply of exports, and of nothing else", gstr1, eInvoice)
	}
	if legacyState(i.PlaceOfSupply) {
		add("state_legacy", "place_of_supply", "this state code is no longer in use", gstr1, eInvoice)
	}
	return found
}

func lineFindings(i Invoice, n int, l Line) (found []Finding) {
	add := func(code, field, message string, blocks ...string) {
		found = append(found, Finding{Code: code, Field: fmt.Sprintf("items[%d].%s", n, field), Message: message, Blocks: blocks})
	}
	switch {
	case l.HSN == "" && i.SupplyType != B2C:
		add("hsn_missing", "hsn", "the HSN or SAC code is needed", gstr1, eInvoice)
	case l.HSN != "" && (len(l.HSN) < 4 || len(l.HSN)%2 == 1):
		add("hsn_length", "hsn", "codes have 4, 6 or 8 digits; an e-invoice needs 6", gstr1, eInvoice)
	case l.HSN != "" && len(l.HSN) < 6 && i.SupplyType != B2C:
		add("hsn_length", "hsn", "an e-invoice needs 6 digits", eInvoice)
	}
	if !rateInForce(l, i.InvoiceDate, i.DocumentType != TypeInvoice) {
		add("rate_not_in_force", "gst_rate", fmt.Sprintf("%s %% was not a rate on %s", money.Paise(l.GSTRate), i.InvoiceDate), gstr1, eInvoice)
	}
	if l.Unit == "" && !l.IsService {
		add("unit_missing", "unit", "the unit quantity code of goods is needed", gstr1, eInvoice)
	}
	return found
}
