package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Bounds of a request.
const (
	MaxItems     = 1000
	maxName      = 100
	maxAddress   = 500
	maxText      = 300
	maxRate      = 10000 // hundredths of a percent
	maxMerchant  = 64
	decimalsHint = "a plain decimal number"
)

// Document types of INV-01.
const (
	TypeInvoice    = "INV"
	TypeCreditNote = "CRN"
	TypeDebitNote  = "DBN"
)

// Supply types of INV-01, and B2C.
const (
	B2B    = "B2B"
	B2C    = "B2C"
	SEZWP  = "SEZWP"  // to a special economic zone, with payment of tax
	SEZWOP = "SEZWOP" // likewise, without payment
	EXPWP  = "EXPWP"  // export with payment of tax
	EXPWOP = "EXPWOP" // export without payment
	DEXP   = "DEXP"   // deemed export
)

// Request is what an integrator sends to have an invoice issued.
type Request struct {
	DocumentType          string `json:"document_type"`
	InvoiceNumber         string `json:"invoice_number,omitempty"`
	Series                string `json:"series,omitempty"`
	OriginalInvoiceNumber string `json:"original_invoice_number,omitempty"`
	SellerMerchantID      string `json:"seller_merchant_id"`
	BuyerGSTIN            GSTIN  `json:"buyer_gstin,omitempty"`
	BuyerName             string `json:"buyer_name,omitempty"`
	BuyerAddress          string `json:"buyer_address,omitempty"`
	InvoiceDate           Date   `json:"invoice_date"`
	DueDate               Date   `json:"due_date,omitempty"`
	SupplyType            string `json:"supply_type,omitempty"`
	PlaceOfSupply         string `json:"place_of_supply,omitempty"`
	ReverseCharge         bool   `json:"reverse_charge,omitempty"`
	TotalAmount           *Paise `json:"total_amount,omitempty"`
	Items                 []Item `json:"items"`
}

// Item is one line as it was sent.
type Item struct {
	SKU         string   `json:"sku,omitempty"`
	Description string   `json:"description,omitempty"`
	HSN         string   `json:"hsn,omitempty"`
	IsService   bool     `json:"is_service,omitempty"`
	Quantity    Quantity `json:"quantity"`
	Unit        string   `json:"unit,omitempty"`
	UnitPrice   Price    `json:"unit_price"`
	Discount    Paise    `json:"discount,omitempty"`
	GSTRate     Rate     `json:"gst_rate"`
	CessAmount  Paise    `json:"cess_amount,omitempty"`
}

// Rate is a tax rate in hundredths of a percent; a JSON number of percent.
type Rate int64

// MarshalJSON writes percent as a JSON number.
func (r Rate) MarshalJSON() ([]byte, error) { return Paise(r).MarshalJSON() }

// UnmarshalJSON reads percent from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error { return (*Paise)(r).UnmarshalJSON(b) }

// StockLine is what an invoice takes of one SKU.
type StockLine struct {
	SKU      string   `json:"sku"`
	Quantity Quantity `json:"quantity"`
}

var (
	merchantShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	skuShape      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$`)
	hsnShape      = regexp.MustCompile(`^[0-9]{2,8}$`)
	stateShape    = regexp.MustCompile(`^[0-9]{2}$`)
)

func shaped(shape *regexp.Regexp, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !shape.MatchString(s) {
			return "", errors.New("must be " + what)
		}
		return s, nil
	}
}

// ValidMerchantID tells whether s can be a merchant's id: 1 to 64 letters,
// digits, dots, hyphens and underscores.
func ValidMerchantID(s string) bool { return merchantShape.MatchString(s) }

// ValidSKU tells whether s can be a SKU: 1 to 64 letters, digits and `._/-`.
func ValidSKU(s string) bool { return skuShape.MatchString(s) }

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
		r.fail(name, "not_a_number", "must be "+decimalsHint)
	case err != nil || outOfRange:
		r.fail(name, "out_of_range", "is negative or too large")
	}
}

func (r *reader) items() []Item {
	v, given := r.take("items")
	list, ok := v.([]any)
	if given && !ok {
		r.fail("items", "wrong_type", "must be a list")
	}
	if len(list) > MaxItems {
		r.fail("items", "too_many_items", fmt.Sprintf("at most %d lines", MaxItems))
		return nil
	}
	items := make([]Item, 0, len(list))
	for i, v := range list {
		path := fmt.Sprintf("items[%d]", i)
		fields, ok := v.(map[string]any)
		if !ok {
			r.fail(path, "wrong_type", "must be an object")
			continue
		}
		line := &reader{path: path + ".", fields: fields, errs: r.errs}
		items = append(items, line.item())
		line.finish()
	}
	return items
}

func (r *reader) item() Item {
	item := Item{
		SKU:         matching(r, "sku", "sku_malformed", shaped(skuShape, "1 to 64 letters, digits and ._/-")),
		Description: r.text("description", maxText),
		HSN:         matching(r, "hsn", "hsn_malformed", shaped(hsnShape, "2 to 8 digits")),
		IsService:   r.flag("is_service"),
		Unit:        matching(r, "unit", "unit_unknown", unit),
	}
	r.required("quantity", "unit_price", "gst_rate")
	item.Quantity = amount(r, "quantity", ParseQuantity, quantityDecimals, 1)
	item.UnitPrice = amount(r, "unit_price", ParsePrice, priceDecimals, 0)
	item.Discount = amount(r, "discount", ParsePaise, amountDecimals, 0)
	item.CessAmount = amount(r, "cess_amount", ParsePaise, amountDecimals, 0)
	item.GSTRate = Rate(amount(r, "gst_rate", ParsePaise, amountDecimals, 0))
	if item.GSTRate > maxRate {
		r.fail("gst_rate", "out_of_range", "is over 100 percent")
	}
	return item
}

func unit(s string) (string, error) {
	if !knownUnit(s) {
		return "", errors.New("is no unit quantity code of the portal")
	}
	return s, nil
}

// amount is a number from least upwards.
func amount[T ~int64](r *reader, name string, parse func(string) (T, error), decimals int, least T) T {
	literal, given := r.decimal(name)
	if !given {
		return 0
	}
	n, err := parse(literal)
	r.number(name, err, n < least, decimals)
	return n
}

// Canonical gives equal bytes for requests that mean the same, however their
// fields were ordered and their numbers spelled. It feeds the fingerprint.
func (r Request) Canonical() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("domain: a request of plain fields cannot fail to encode: " + err.Error())
	}
	return b
}

// StockLines adds up what the lines take of each SKU, in the order of SKUs. Lines
// without a SKU take nothing; nor do credit and debit notes.
func (r Request) StockLines() []StockLine {
	if r.DocumentType != TypeInvoice {
		return nil
	}
	sums := map[string]Quantity{}
	for _, item := range r.Items {
		if item.SKU != "" {
			sums[item.SKU] += item.Quantity
		}
	}
	lines := make([]StockLine, 0, len(sums))
	for _, sku := range slices.Sorted(maps.Keys(sums)) {
		lines = append(lines, StockLine{SKU: sku, Quantity: sums[sku]})
	}
	return lines
}
