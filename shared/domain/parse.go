package domain

import (
	"errors"
	"fmt"
)

// ParseRequest reads a request strictly and reports all that is wrong with it in
// one *Error of kind Invalid: status 400 for a body that is no such request
// (malformed JSON, a wrong type, an unknown or doubled field), 413 for one over
// MaxBody, 422 for values that cannot be.
func ParseRequest(body []byte) (Request, error) {
	fields, err := tree(body)
	if err != nil {
		return Request{}, err
	}
	r := newReader(fields)
	req := r.request()
	r.finish()
	return req, r.problem()
}

func (r *reader) request() Request {
	req := Request{
		DocumentType:          r.oneOf("document_type", TypeInvoice, TypeCreditNote, TypeDebitNote),
		InvoiceNumber:         matching(r, "invoice_number", "number_malformed", shaped(numberShape, "at most 16 letters, digits, hyphens and slashes")),
		Series:                matching(r, "series", "series_malformed", shaped(seriesShape, "1 to 4 capital letters and digits, not beginning with 0")),
		OriginalInvoiceNumber: matching(r, "original_invoice_number", "number_malformed", shaped(numberShape, "at most 16 letters, digits, hyphens and slashes")),
		SellerMerchantID:      matching(r, "seller_merchant_id", "merchant_malformed", shaped(merchantShape, "1 to 64 letters, digits, dots, hyphens and underscores")),
		BuyerGSTIN:            matching(r, "buyer_gstin", "gstin_malformed", ParseGSTIN),
		BuyerName:             r.text("buyer_name", maxName),
		BuyerAddress:          r.text("buyer_address", maxAddress),
		InvoiceDate:           matching(r, "invoice_date", "date_invalid", ParseDate),
		DueDate:               matching(r, "due_date", "date_invalid", ParseDate),
		SupplyType:            r.oneOf("supply_type", "", B2B, B2C, SEZWP, SEZWOP, EXPWP, EXPWOP, DEXP),
		PlaceOfSupply:         matching(r, "place_of_supply", "state_unknown", shaped(stateShape, "a state code of two digits")),
		ReverseCharge:         r.flag("reverse_charge"),
		TotalAmount:           r.total(),
		Items:                 r.items(),
	}
	r.required("seller_merchant_id", "invoice_date")
	r.together(req)
	return req
}

// together checks what only several fields can tell.
func (r *reader) together(req Request) {
	given := func(name string) bool { return r.fields[name] != nil && r.fields[name] != "" }
	if given("invoice_number") == given("series") {
		r.fail("invoice_number", "number_or_series", "give either invoice_number or series")
	}
	if req.DocumentType != TypeInvoice && !given("original_invoice_number") {
		r.fail("original_invoice_number", "required", "is required for a credit or debit note")
	}
	if req.DueDate != "" && req.InvoiceDate != "" && req.DueDate < req.InvoiceDate {
		r.fail("due_date", "due_before_invoice", "is before the invoice date")
	}
	if lines, _ := r.fields["items"].([]any); len(lines) == 0 && !given("total_amount") {
		r.fail("total_amount", "required", "is required where there are no items")
	}
	if p := req.PlaceOfSupply; p != "" && p != otherCountries && !liveState(p) && !legacyState(p) {
		r.fail("place_of_supply", "state_unknown", "there is no such state code")
	}
}

func (r *reader) total() *Paise {
	literal, given := r.decimal("total_amount")
	if !given {
		return nil
	}
	p, err := ParsePaise(literal)
	r.number("total_amount", err, p < 0, amountDecimals)
	return &p
}

// number notes what is wrong with a parsed number.
func (r *reader) number(name string, err error, outOfRange bool, decimals int) {
	switch {
	case errors.Is(err, errPrecision):
		r.fail(name, "too_many_decimals", fmt.Sprintf("at most %d decimals", decimals))
	case errors.Is(err, errDecimal):
		r.fail(name, "not_a_number", "must be a plain decimal number")
	case err != nil || outOfRange:
		r.fail(name, "out_of_range", "is negative or too large")
	}
}
