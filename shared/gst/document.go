package gst

import (
	"fmt"
	"strings"
	"time"
)

func documentFindings(r *report, i *Invoice) {
	if len(i.Items) == 0 {
		r.add("no_items", "items", "without items the tax is unknown; add the items of the supply")
	}
	typeFindings(r, i)
	numberFindings(r, i.InvoiceNumber)
	if !IsNote(i.DocumentType) && i.OriginalInvoiceNumber != "" {
		r.add("original_on_invoice", "original_invoice_number",
			"an invoice corrects no other one; leave it out, or give document_type CRN or DBN")
	}
	if isExport(i.SupplyType) != (i.PlaceOfSupply == otherCountries) && !i.carriesAbroad() {
		r.add("place_of_supply_mismatch", "place_of_supply",
			"exports must have place of supply 96, and other supplies must not")
	}
	if outOfUse(i.PlaceOfSupply, i.InvoiceDate) {
		r.add("state_legacy", "place_of_supply", legacyMessage(i.PlaceOfSupply))
	}
	if i.IGSTOnIntra && i.PlaceOfSupply != i.SellerGSTIN.State() {
		r.add("igst_on_intra_mismatch", "igst_on_intra",
			"the place of supply is in another state than the seller; leave it out")
	}
	reverseChargeFindings(r, i)
	if len(i.Items) > 0 && i.Totals.TaxableValue == 0 {
		r.add("value_zero", "items", "the return takes no document of no value; give prices, or issue no tax invoice")
	}
}

// numberFindings judges a number that the caller gave. Numbers of series are fit for all filings.
func numberFindings(r *report, number string) {
	if number == "" {
		return
	}
	if strings.Trim(number, "0/-") == "" {
		r.add("number_zero", "invoice_number", "the number must have a letter or a digit from 1 to 9")
	}
	if strings.ContainsRune("0/-", rune(number[0])) {
		r.add("number_first_character", "invoice_number", "the number of an e-invoice must not start with 0, / or -")
	}
}

// reverseChargeFindings finds supplies whose buyer cannot pay the tax to the state: who is not
// registered, or abroad. The invoice portal takes reverse charge of B2B and SEZ alone, and, like the
// return, for a whole document.
func reverseChargeFindings(r *report, i *Invoice) {
	const message = "under reverse charge a registered buyer pays the tax; supply type %s has none. Leave it out"
	field := i.reverseChargeField()
	switch {
	case field == "":
		return
	case i.SupplyType == B2C, isExport(i.SupplyType):
		r.add("reverse_charge_without_payer", field, fmt.Sprintf(message, i.SupplyType))
	case i.SupplyType == DEXP:
		r.add("reverse_charge_without_payer", field, "an e-invoice of a deemed export cannot have it", eInvoice)
	}
	if i.Totals.ReverseCharge != i.Totals.tax() {
		r.add("reverse_charge_mixed", field,
			"a document is filed as under reverse charge or not; issue another one for the other lines")
	}
}

// reverseChargeField returns the first field that puts tax under reverse charge; empty if none does.
func (i *Invoice) reverseChargeField() string {
	if i.ReverseCharge {
		return "reverse_charge"
	}
	for n, l := range i.Items {
		if l.ReverseCharge {
			return fmt.Sprintf("items[%d].reverse_charge", n)
		}
	}
	return ""
}

// carriesAbroad reports whether all lines are transport of goods to a place outside India: from
// 1 February 2019 to 30 September 2023 that was the place of supply (proviso to IGST Act
// s.12(8)).
func (i *Invoice) carriesAbroad() bool {
	transport := span{from: "2019-02-01", until: "2023-09-30", hsn: []string{"9965"}, exception: true}
	for _, l := range i.Items {
		if !l.IsService || !transport.covers(l.HSN) {
			return false
		}
	}
	return len(i.Items) > 0 && i.PlaceOfSupply == otherCountries && transport.holds(i.InvoiceDate)
}

const (
	returnMonths = 18 // the return takes documents of the months before today
	reportDays   = 30 // the portal takes an e-invoice for these days, the first of which is its date
)

func dateFindings(r *report, i *Invoice, seller Seller, today Date) {
	day, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return
	}
	if i.InvoiceDate > today {
		r.add("date_in_future", "invoice_date", fmt.Sprintf("it is %s in India; give that day or an earlier one", today))
	}
	if i.InvoiceDate < Date(day.AddDate(0, -returnMonths, 0).Format(time.DateOnly)) {
		r.add("date_too_old", "invoice_date", "the return takes documents of the last 18 months")
	}
	first := Date(day.AddDate(0, 0, 1-reportDays).Format(time.DateOnly))
	if i.InvoiceDate < first && seller.registersInvoices(i.InvoiceDate) && seller.reportsInTime(today) {
		r.add("reporting_late", "invoice_date", fmt.Sprintf("the invoice portal takes this seller's documents for %d days, "+
			"the first of which is the invoice date; give %s or a later day", reportDays, first))
	}
}
