package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// ParseRequest reads a request strictly and reports every fault in one *problem.Error of
// kind Invalid: status 400 for a malformed body (not JSON, a wrong type, an unknown or
// duplicate field), 413 for one over strictjson.MaxBody, 422 for impossible values.
func ParseRequest(body []byte) (Request, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return Request{}, err
	}
	req := ReadRequest(r)
	return req, r.Err()
}

// ReadRequest reads the fields of a request. The reader collects their faults.
func ReadRequest(r *strictjson.Reader) Request {
	number := matches(numberPattern, "1 to 16 letters, digits, hyphens and slashes")
	series := matches(seriesPattern, "1 to 4 capital letters and digits, and not start with 0")
	state := matches(statePattern, "a two-digit state code")
	req := Request{
		DocumentType:          r.OneOf("document_type", DocumentTypes()...),
		InvoiceNumber:         strictjson.Matching(r, "invoice_number", "number_malformed", number),
		Series:                strictjson.Matching(r, "series", "series_malformed", series),
		OriginalInvoiceNumber: strictjson.Matching(r, "original_invoice_number", "number_malformed", number),
		SellerMerchantID:      strictjson.Matching(r, "seller_merchant_id", "merchant_malformed", ParseMerchantID),
		BuyerGSTIN:            strictjson.Matching(r, "buyer_gstin", "gstin_malformed", ParseGSTIN),
		BuyerName:             r.Text("buyer_name", MaxName),
		BuyerAddress:          r.Lines("buyer_address", MaxAddress),
		InvoiceDate:           strictjson.Matching(r, "invoice_date", "date_invalid", ParseDate),
		DueDate:               strictjson.Matching(r, "due_date", "date_invalid", ParseDate),
		SupplyType:            r.OneOf("supply_type", "", B2B, B2C, SEZWP, SEZWOP, EXPWP, EXPWOP, DEXP),
		PlaceOfSupply:         strictjson.Matching(r, "place_of_supply", "state_unknown", state),
		ReverseCharge:         r.Flag("reverse_charge"),
		PricesIncludeTax:      r.Flag("prices_include_tax"),
		TotalAmount:           parseTotal(r),
		Items:                 parseItems(r),
		Correction:            readCorrection(r),
		Amounts:               parseAmounts(r),
		Particulars:           parseParticulars(r),
	}
	r.Require("seller_merchant_id", "invoice_date")
	crossCheck(r, req)
	r.Finish()
	return req
}

// crossCheck records the faults that show only when fields are compared with each other.
func crossCheck(r *strictjson.Reader, req Request) {
	if r.Given("invoice_number") == r.Given("series") {
		r.Fail("invoice_number", "number_or_series", "give either invoice_number or series, not both")
	}
	checkCorrection(r, req)
	if req.DueDate != "" && req.InvoiceDate != "" && req.DueDate < req.InvoiceDate {
		r.Fail("due_date", "due_before_invoice", "must not be before invoice_date")
	}
	if items, _ := r.Take("items").([]any); len(items) == 0 && !r.Given("total_amount") {
		r.Fail("total_amount", "required", "is required when there are no items")
	}
	if req.PricesIncludeTax && req.ReverseCharge {
		r.Fail("prices_include_tax", "tax_not_charged", "leave it out: under reverse charge the price holds no tax")
	}
	checkLines(r, req)
	checkType(r, req)
	checkAmounts(r, req)
	checkBuyer(r, req)
	if p := req.PlaceOfSupply; p != "" && p != otherCountries && !activeState(p) && !legacyState(p) {
		r.Fail("place_of_supply", "state_unknown", fmt.Sprintf("%q is not a state code; use 96 for exports", problem.Clip(p)))
	}
}

func parseTotal(r *strictjson.Reader) *money.Paise {
	if r.Take("total_amount") == nil {
		return nil
	}
	total := money.Field(r, "total_amount", money.ParsePaise, 0, money.MaxPaise)
	return &total
}
