package gst

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// maxCharges is the most other charges of a document.
const maxCharges = 10

// Amounts are what the buyer pays besides the lines of a request.
type Amounts struct {
	OtherCharges []Charge    `json:"other_charges,omitempty"`
	Discount     money.Paise `json:"discount,omitempty"` // after tax: it lowers the total alone
	TCS          *TCS        `json:"tcs,omitempty"`
}

// Charge is charged with the goods, such as freight or packing. It is part of the value of the
// supply (CGST Act s.15(2)(c)).
type Charge struct {
	Description string      `json:"description"`
	HSN         string      `json:"hsn,omitempty"`
	Amount      money.Paise `json:"amount"`
	GSTRate     Rate        `json:"gst_rate"`
}

// ChargeLine is a charge with its tax.
type ChargeLine struct {
	Charge
	TaxableValue money.Paise `json:"taxable_value"`
	CGST         money.Paise `json:"cgst"`
	SGST         money.Paise `json:"sgst"`
	IGST         money.Paise `json:"igst"`
	Total        money.Paise `json:"total"`
}

// TCS is income tax that the seller collects at source. It is no part of the value of the supply.
type TCS struct {
	Rate   Rate        `json:"rate,omitempty"` // of the total before it
	Amount money.Paise `json:"amount,omitempty"`
}

func parseAmounts(r *strictjson.Reader) Amounts {
	a := Amounts{Discount: money.Field(r, "discount", money.ParsePaise, 0, money.MaxPaise)}
	for _, charge := range r.Objects("other_charges", maxCharges) {
		charge.Require("description", "amount", "gst_rate")
		a.OtherCharges = append(a.OtherCharges, Charge{
			Description: charge.Lines("description", maxText),
			HSN:         strictjson.Matching(charge, "hsn", "hsn_malformed", matches(hsnPattern, "2 to 8 digits")),
			Amount:      money.Field(charge, "amount", money.ParsePaise, 0, money.MaxPaise),
			GSTRate:     parseRate(charge, "gst_rate", maxRate),
		})
		charge.Finish()
	}
	tcs := r.Object("tcs")
	given := TCS{
		Rate:   parseRate(tcs, "rate", maxRate),
		Amount: money.Field(tcs, "amount", money.ParsePaise, 0, money.MaxPaise),
	}
	tcs.Finish()
	if given.Rate != 0 && given.Amount != 0 {
		r.Fail("tcs", "rate_or_amount", "give either rate or amount, not both")
	}
	if given != (TCS{}) {
		a.TCS = &given
	}
	return a
}

// checkAmounts records amounts of a document without lines, and charges of one with too many.
func checkAmounts(r *strictjson.Reader, req Request) {
	if len(req.Items)+len(req.OtherCharges) > MaxItems {
		r.Fail("other_charges", "too_many_items", fmt.Sprintf("must be at most %d with items", MaxItems))
	}
	if items, _ := r.Take("items").([]any); len(items) > 0 {
		return
	}
	const message = "is of a document with items"
	if req.OtherCharges != nil {
		r.Fail("other_charges", "items_required", message)
	}
	if req.Discount != 0 {
		r.Fail("discount", "items_required", message)
	}
	if req.TCS != nil {
		r.Fail("tcs", "items_required", message)
	}
}

// item returns the charge as a line of one unit.
func (c Charge) item() Item {
	const oneUnit money.Quantity = 1000
	return Item{
		Description: c.Description, HSN: c.HSN, IsService: strings.HasPrefix(c.HSN, "99"), GSTRate: c.GSTRate,
		Quantity: oneUnit, UnitPrice: money.Price(c.Amount) * 10, // thousandths of a rupee
	}
}

// computed returns the charge with the tax of its line.
func (c Charge) computed(l Line) ChargeLine {
	return ChargeLine{c, l.TaxableValue, l.CGST, l.SGST, l.IGST, l.Total}
}

// line returns the line that the charge was computed as.
func (c ChargeLine) line() Line {
	return Line{
		Item: c.item(), TaxableValue: c.TaxableValue, CGST: c.CGST, SGST: c.SGST, IGST: c.IGST, Total: c.Total,
	}
}

// discountAndCollect takes the discount off the sum of the lines and adds tax collected at source.
func (i *Invoice) discountAndCollect(req Request) (err error) {
	if req.Discount > i.Totals.Total {
		return problem.InvalidRequest([]problem.FieldError{{
			Field: "discount", Code: "discount_too_large",
			Message: fmt.Sprintf("must be at most %s, the total before it", i.Totals.Total),
		}})
	}
	i.Totals.Discount = req.Discount
	i.Totals.Total -= req.Discount
	if req.TCS == nil {
		return nil
	}
	tcs := *req.TCS
	if tcs.Rate != 0 {
		tcs.Amount, err = money.Scale(int64(i.Totals.Total), int64(tcs.Rate), 10_000)
	}
	i.TCS, i.Totals.TCS = &tcs, tcs.Amount
	i.Totals.Total += tcs.Amount
	if err != nil || !i.Totals.inRange() {
		return problem.InvalidRequest([]problem.FieldError{{
			Field: "tcs", Code: "out_of_range", Message: fmt.Sprintf("the total must be at most %s rupees", money.MaxPaise),
		}})
	}
	return nil
}

// chargeFindings judges the code and the rate of a charge, which the return sums up with those of lines.
func chargeFindings(r *report, i *Invoice, seller Seller, n int, c ChargeLine) {
	add := func(code, field, message string, only ...string) {
		r.add(code, fmt.Sprintf("other_charges[%d].%s", n, field), message, only...)
	}
	codeFindings(add, i, c.line(), seller.needsLongCodes(i.InvoiceDate))
	rateFindings(add, i, c.line())
}
