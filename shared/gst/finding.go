package gst

import (
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// findings returns what keeps the invoice from being filed, as of a day in India; empty, never
// nil. Without a day its date is not compared with it.
func findings(i *Invoice, seller Seller, today Date) []Finding {
	r := &report{filings: i.filings(), found: []Finding{}}
	buyerFindings(r, i)
	documentFindings(r, i)
	dateFindings(r, i, seller, today)
	for n, line := range i.Items {
		lineFindings(r, i, seller, n, line)
	}
	for n, charge := range i.OtherCharges {
		chargeFindings(r, i, seller, n, charge)
	}
	return r.found
}

// report collects the findings of a document.
type report struct {
	filings []string // where the document goes
	found   []Finding
}

// add adds a finding that blocks what its code blocks, or only some of it, as far as the
// document goes there. What blocks nothing is no finding, but for advice.
func (r *report) add(code, field, message string, only ...string) {
	if len(only) == 0 {
		only = described(code).Blocks
	}
	blocks := make([]string, 0, len(only))
	for _, filing := range only {
		if slices.Contains(r.filings, filing) {
			blocks = append(blocks, filing)
		}
	}
	if len(blocks) > 0 || len(only) == 0 {
		r.found = append(r.found, Finding{Code: code, Field: field, Message: message, Blocks: blocks})
	}
}

// waybillFrom is the value of a consignment, with tax, above which goods need an e-way bill
// (rule 138(1)). Some states have a higher one for goods that stay in them.
const waybillFrom money.Paise = 50_000_00

// filings returns where the document goes: each to GSTR-1, all but B2C and bills of supply to
// the invoice portal, and goods that are worth more than ₹50,000, without exempt ones, on the road.
func (i *Invoice) filings() []string {
	all := []string{gstr1}
	if i.SupplyType != B2C && i.DocumentType != TypeBillOfSupply {
		all = append(all, eInvoice)
	}
	var goods money.Paise
	for _, l := range i.Items {
		if !l.IsService && l.GSTRate > 0 {
			goods += l.Total
		}
	}
	if goods > 0 {
		for _, c := range i.OtherCharges {
			goods += c.Total
		}
	}
	if !IsNote(i.DocumentType) && goods > waybillFrom {
		all = append(all, waybill)
	}
	return all
}

// refuses reports whether one of the findings blocks what the seller files. Advice does not,
// nor does what blocks the e-way bill alone: the goods may stay where they are.
func refuses(found []Finding, seller Seller, on Date) bool {
	return slices.ContainsFunc(found, func(f Finding) bool {
		return !described(f.Code).Advice &&
			(slices.Contains(f.Blocks, gstr1) || slices.Contains(f.Blocks, eInvoice) && seller.registersInvoices(on))
	})
}

// described returns the entry of a code, which has one.
func described(code string) FindingCode {
	return findingCodes[slices.IndexFunc(findingCodes, func(c FindingCode) bool { return c.Code == code })]
}
