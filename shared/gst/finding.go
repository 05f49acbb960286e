package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/gst/hsn"
	"github.com/invochain/invochain/shared/gst/money"
)

// Filings that a finding may block.
const (
	gstr1    = "GSTR-1"
	eInvoice = "e-invoice"
)

// namedBuyerFrom is the value of a supply, before tax, from which the invoice of an
// unregistered buyer requires a name and an address (rule 46(e)).
const namedBuyerFrom money.Paise = 50_000_00

// findings returns what keeps the invoice from being filed; empty, never nil.
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
		add("gstin_checksum", "buyer_gstin", checksumMessage(g), gstr1, eInvoice)
	case g == "" && needsBuyerGSTIN(i.SupplyType):
		message := fmt.Sprintf("supply type %s requires the buyer's GSTIN", i.SupplyType)
		add("gstin_missing", "buyer_gstin", message, gstr1, eInvoice)
	case g != "" && !g.registration().buys:
		add("gstin_class", "buyer_gstin", "this class of registration cannot receive a registered supply", gstr1, eInvoice)
	case g != "" && legacyState(g.State()):
		add("state_legacy", "buyer_gstin", legacyMessage(g.State()), gstr1, eInvoice)
	case g != "" && !activeState(g.State()):
		add("state_unknown", "buyer_gstin", "the first two digits are not a state code", gstr1, eInvoice)
	}
	if g == "" && i.SupplyType == B2C && i.value() >= namedBuyerFrom && (i.BuyerName == "" || i.BuyerAddress == "") {
		add("buyer_address_missing", "buyer_address",
			"a supply of ₹50,000 or more to an unregistered buyer requires buyer_name and buyer_address", gstr1)
	}
	if i.SupplyType == B2C && g != "" {
		add("supply_type_mismatch", "supply_type", "a supply to a buyer with a GSTIN cannot be B2C", gstr1)
	}
	return found
}

// value returns the value of the supply: before tax if there are lines, else the total.
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

func legacyMessage(state string) string {
	return fmt.Sprintf("state code %s is no longer in use", state)
}

func documentFindings(i Invoice) (found []Finding) {
	add := func(code, field, message string, blocks ...string) {
		found = append(found, Finding{Code: code, Field: field, Message: message, Blocks: blocks})
	}
	if len(i.Items) == 0 {
		add("no_items", "items", "without items the tax is unknown; add the items of the supply", gstr1, eInvoice)
	}
	if n := i.InvoiceNumber; n != "" && i.SupplyType != B2C && (n[0] == '0' || n[0] == '/' || n[0] == '-') {
		add("number_first_character", "invoice_number", "the number of an e-invoice must not start with 0, / or -", eInvoice)
	}
	export := i.SupplyType == EXPWP || i.SupplyType == EXPWOP
	if export != (i.PlaceOfSupply == otherCountries) {
		add("place_of_supply_mismatch", "place_of_supply",
			"exports must have place of supply 96, and other supplies must not", gstr1, eInvoice)
	}
	if legacyState(i.PlaceOfSupply) {
		add("state_legacy", "place_of_supply", legacyMessage(i.PlaceOfSupply), gstr1, eInvoice)
	}
	return found
}

func lineFindings(i Invoice, n int, l Line) (found []Finding) {
	add := func(code, field, message string, blocks ...string) {
		field = fmt.Sprintf("items[%d].%s", n, field)
		found = append(found, Finding{Code: code, Field: field, Message: message, Blocks: blocks})
	}
	switch {
	case l.HSN == "" && i.SupplyType != B2C:
		add("hsn_missing", "hsn", "the HSN or SAC code is required", gstr1, eInvoice)
	case l.HSN != "" && (len(l.HSN) < 4 || len(l.HSN)%2 == 1):
		add("hsn_length", "hsn", "must have 4, 6 or 8 digits; an e-invoice requires 6 or 8", gstr1, eInvoice)
	case l.HSN != "" && len(l.HSN) < 6 && i.SupplyType != B2C:
		add("hsn_length", "hsn", "must have 6 or 8 digits for an e-invoice", eInvoice)
	}
	if len(l.HSN) >= 4 && len(l.HSN)%2 == 0 && !hsn.Known(l.HSN) {
		add("hsn_unknown", "hsn", fmt.Sprintf("%s is not a code of the GST portal; look for the code of "+
			"these goods or this service, or give its first digits", l.HSN), gstr1, eInvoice)
	}
	if !rateInForce(l, i.InvoiceDate, i.DocumentType != TypeInvoice) {
		add("rate_not_in_force", "gst_rate", rateMessage(l, i.InvoiceDate), gstr1, eInvoice)
	}
	if l.CessAmount > 0 && !cessInForce(l, i.InvoiceDate, i.DocumentType != TypeInvoice) {
		add("cess_ended", "cess_amount", "compensation cess ended on 2025-09-21, on tobacco and pan masala on 2026-01-31 "+
			"(notifications 2/2025 and 3/2025-Compensation Cess (Rate)); leave cess_amount out", gstr1, eInvoice)
	}
	if l.RetailSalePrice == 0 && retailPriced(l, i.InvoiceDate) {
		add("retail_sale_price_missing", "retail_sale_price", "the tax of tobacco and pan masala is part of their "+
			"retail sale price (rule 31D); give the price that is printed on one unit", gstr1, eInvoice)
	}
	if l.Unit == "" && !l.IsService {
		add("unit_missing", "unit", "the unit quantity code (UQC) of goods is required", gstr1, eInvoice)
	}
	return found
}
