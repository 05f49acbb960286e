package gst

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/invochain/invochain/shared/problem"
)

// Correct returns the draft of a note completed by its original: id, number and date of the original,
// and the findings that depend on it. original is nil if none was found or looked up. Errors are
// *problem.Error of kind Invalid and status 422: original_not_found, original_is_note,
// original_differs, rate_not_on_original, note_before_original, whatever the seller's policy is; or,
// by that policy, compliance_findings.
func Correct(note Invoice, original *Invoice, seller Seller) (Invoice, error) {
	r := &report{filings: note.filings(), found: slices.Clone(note.Compliance.Findings)}
	if original == nil {
		if err := note.withoutOriginal(r, seller); err != nil {
			return Invoice{}, err
		}
	} else {
		if err := noteRefused(note.faultsAgainst(*original)); err != nil {
			return Invoice{}, err
		}
		note.name(*original)
	}
	if note.DocumentType == TypeCreditNote && note.isLate() {
		r.add("credit_note_late", "invoice_date", fmt.Sprintf(
			"the return takes credit notes to an invoice of %s until %s", note.OriginalInvoiceDate, note.lastDay()))
	}
	note.Compliance.Findings = r.found
	if err := note.complianceRefusal(seller); err != nil {
		return Invoice{}, err
	}
	return note, nil
}

// withoutOriginal refuses a note whose original was not found, or reports that it is not known. Sellers
// without a turnover file elsewhere, and may have issued the original there.
func (i *Invoice) withoutOriginal(r *report, seller Seller) error {
	if i.OriginalInvoiceID != "" {
		return noteRefused([]problem.FieldError{{
			Field: "original_invoice_id", Code: "original_not_found", Message: "is not the id of an invoice of this merchant",
		}})
	}
	if len(seller.Turnover) > 0 && !i.OriginalExternal {
		return noteRefused([]problem.FieldError{{
			Field: "original_invoice_number", Code: "original_not_found",
			Message: "is not the number of an invoice of this merchant in that financial year; give original_invoice_date, or " +
				"original_external if another system issued it",
		}})
	}
	r.add("original_unknown", "original_invoice_number",
		"the original is not among this merchant's invoices, so the note is not compared with it")
	return nil
}

// name sets what the note shows of its original (rule 53(1A)), as far as the request left it out.
func (i *Invoice) name(original Invoice) {
	i.OriginalInvoiceID, i.OriginalInvoiceDate = original.ID, original.InvoiceDate
	if i.OriginalInvoiceNumber == "" {
		i.OriginalInvoiceNumber = original.InvoiceNumber
	}
}

// faultsAgainst returns why the note cannot correct the original.
func (i *Invoice) faultsAgainst(original Invoice) []problem.FieldError {
	if IsNote(original.DocumentType) {
		return []problem.FieldError{{
			Field: "original_invoice_id", Code: "original_is_note", Message: "is the id of a note; a note corrects an invoice",
		}}
	}
	faults := append(i.differences(original), i.otherRates(original)...)
	if i.InvoiceDate < original.InvoiceDate {
		faults = append(faults, problem.FieldError{
			Field: "invoice_date", Code: "note_before_original",
			Message: fmt.Sprintf("must not be before the original's, %s", original.InvoiceDate),
		})
	}
	return faults
}

// otherRates returns the lines and charges of the note whose rate the original does not have. The rates
// of an original without items are not known.
func (i *Invoice) otherRates(original Invoice) (faults []problem.FieldError) {
	check := func(line string, rate Rate) {
		if len(original.Items) > 0 && !original.hasRate(rate) {
			faults = append(faults, problem.FieldError{
				Field: line + ".gst_rate", Code: "rate_not_on_original",
				Message: fmt.Sprintf("is %s, a rate that no line of the original has", rate),
			})
		}
	}
	for n, l := range i.Items {
		check(fmt.Sprintf("items[%d]", n), l.GSTRate)
	}
	for n, c := range i.OtherCharges {
		check(fmt.Sprintf("other_charges[%d]", n), c.GSTRate)
	}
	return faults
}

// differences returns the fields in which the note differs from its original and must not.
func (i *Invoice) differences(original Invoice) (faults []problem.FieldError) {
	compare := func(field, of, originals string) {
		if of != originals {
			faults = append(faults, problem.FieldError{
				Field: field, Code: "original_differs",
				Message: fmt.Sprintf("is %q, but %q on the original", of, originals),
			})
		}
	}
	if i.OriginalInvoiceDate != "" {
		compare("original_invoice_date", string(i.OriginalInvoiceDate), string(original.InvoiceDate))
	}
	compare("buyer_gstin", string(i.BuyerGSTIN), string(original.BuyerGSTIN))
	compare("supply_type", i.SupplyType, original.SupplyType)
	compare("place_of_supply", i.PlaceOfSupply, original.PlaceOfSupply)
	compare("reverse_charge", strconv.FormatBool(i.ReverseCharge), strconv.FormatBool(original.ReverseCharge))
	return faults
}

func (i *Invoice) hasRate(rate Rate) bool {
	return slices.ContainsFunc(i.Items, func(l Line) bool { return l.GSTRate == rate }) ||
		slices.ContainsFunc(i.OtherCharges, func(c ChargeLine) bool { return c.GSTRate == rate })
}

// isLate reports whether the note's date is after the last day for its original, whose date may be
// unknown.
func (i *Invoice) isLate() bool {
	last := i.lastDay()
	return last != "" && i.InvoiceDate > last
}

// lastDay returns the last day on which a credit note to the original reduces the tax: 30 November
// after the end of the original's financial year (CGST Act s.34(2)); empty if that is not known.
func (i *Invoice) lastDay() Date {
	start, ok := i.OriginalInvoiceDate.financialYearStart()
	if !ok {
		return ""
	}
	return Date(fmt.Sprintf("%d-11-30", start+1))
}
