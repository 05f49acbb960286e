package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
)

// Tax heads of a line.
const (
	headState      = "CGST+SGST"
	headIntegrated = "IGST"
	headNone       = "none"
)

// LineExplanation names the rules of a line's tax, so that it can be computed by hand.
type LineExplanation struct {
	Field       string       `json:"field"`  // the line, such as items[0], or other_charges[0]
	Head        string       `json:"head"`   // CGST+SGST, IGST or none
	Rule        string       `json:"rule"`   // that chose the head
	Reason      string       `json:"reason"` // why the rule chose it
	Rate        *RateInForce `json:"rate,omitempty"`
	Computation string       `json:"computation"` // in rupees, before rounding
	Rounding    string       `json:"rounding"`
}

// RateInForce is the time in which a rate is in force. A line whose rate was not in force has none.
type RateInForce struct {
	Notification string `json:"notification"` // that began it
	From         Date   `json:"from"`         // first day
	Until        Date   `json:"until,omitempty"`
}

// ExplainTax explains the tax of each line and of each other charge. Of a stored invoice it gives the
// rules as they are known today, for the day of the invoice.
func (i *Invoice) ExplainTax() []LineExplanation {
	all := make([]LineExplanation, 0, len(i.Items)+len(i.OtherCharges))
	for n, l := range i.Items {
		all = append(all, i.explain(fmt.Sprintf("items[%d]", n), l))
	}
	for n, c := range i.OtherCharges {
		all = append(all, i.explain(fmt.Sprintf("other_charges[%d]", n), c.line()))
	}
	return all
}

func (i *Invoice) explain(field string, l Line) LineExplanation {
	e := LineExplanation{Field: field, Rate: i.rateOf(l), Rounding: "to the paisa, half up"}
	e.Head, e.Rule, e.Reason = i.headOfLine(l)
	e.Computation = i.computation(l, e.Head)
	return e
}

// headOfLine returns the head of a line's tax: none if its nature bears none.
func (i *Invoice) headOfLine(l Line) (head, rule, reason string) {
	switch l.Nature {
	case NatureNil:
		return headNone, "CGST Act s.2(47)", "nil-rated: the rate of the tariff is 0"
	case NatureExempt:
		return headNone, "CGST Act s.11; IGST Act s.6", "exempt: a notification exempts the supply from tax"
	case NatureNonGST:
		return headNone, "CGST Act s.2(78)", "non-taxable: the supply is outside GST"
	default:
		return i.taxHead(subject{goods: !l.IsService, services: l.IsService})
	}
}

// taxHead returns the head of the tax on goods or services, and the rule that chooses it.
func (i *Invoice) taxHead(s subject) (head, rule, reason string) {
	switch {
	case i.withoutPayment():
		return headNone, "IGST Act s.16(3)", "zero-rated, under a bond or letter of undertaking, without payment of tax"
	case i.intraState():
		return headState, s.cite("IGST Act s.8(1)", "IGST Act s.8(2)"),
			"intra-state: seller and place of supply are in state " + i.PlaceOfSupply
	case i.SupplyType == SEZWP:
		return headIntegrated, "IGST Act s.7(5)(b)", "inter-state: a supply to a special economic zone, in whatever state"
	case isExport(i.SupplyType) || i.PlaceOfSupply == otherCountries:
		return headIntegrated, "IGST Act s.7(5)(a)", "inter-state: the place of supply is outside India"
	case i.PlaceOfSupply == i.SellerGSTIN.State():
		return headIntegrated, "IGST Act s.7(5)(c)",
			"igst_on_intra is given, although seller and place of supply are in state " + i.PlaceOfSupply
	default:
		return headIntegrated, s.cite("IGST Act s.7(1)", "IGST Act s.7(3)"),
			"inter-state: the seller is in state " + i.SellerGSTIN.State() + ", the place of supply is " + i.PlaceOfSupply
	}
}

func (i *Invoice) rateOf(l Line) *RateInForce {
	s, found := spanOfRate(l, i.InvoiceDate, IsNote(i.DocumentType))
	if !found {
		return nil
	}
	if r, ok := replaced[s.begun]; ok && !l.IsService && s.holds(goodsReplaced) && i.InvoiceDate >= goodsReplaced {
		s.begun, s.from = r, goodsReplaced
	}
	return &RateInForce{Notification: s.begun + "-Central Tax (Rate)", From: s.from, Until: s.until}
}

// computation returns the formulas of a line's discount, tax and cess, as line and charge apply them.
// A price that includes tax is the line's without cess that is given as an amount.
func (i *Invoice) computation(l Line, head string) string {
	formulas := i.taxFormula(l, head)
	if l.DiscountPercent != 0 {
		formulas = fmt.Sprintf("discount: %s × %s × %s %%; ", l.Quantity, l.UnitPrice, l.DiscountPercent) + formulas
	}
	if l.ReverseCharge && head != headNone {
		formulas += "; the buyer pays it to the state"
	}
	return formulas
}

func (i *Invoice) taxFormula(l Line, head string) string {
	if head == headNone {
		return "no tax"
	}
	name, rate := "IGST", l.GSTRate.String()
	if head == headState {
		name, rate = "CGST and SGST each", money.Price(int64(l.GSTRate)*10/2).String() // thousandths of a percent
	}
	price, whole := l.TaxableValue+l.tax()+l.CessByRate, 100_00+l.GSTRate+l.CessRate
	switch {
	case l.RetailSalePrice != 0:
		return fmt.Sprintf("%s: %s × %s × %s ÷ %s", name, l.Quantity, l.RetailSalePrice, rate, whole)
	case i.PricesIncludeTax && l.CessRate != 0:
		return fmt.Sprintf("%s: %s × %s ÷ %s; cess: %s × %s ÷ %s; the taxable value is the rest of %s",
			name, price, rate, whole, price, l.CessRate, whole, price)
	case i.PricesIncludeTax:
		return fmt.Sprintf("%s: %s × %s ÷ %s; the taxable value is the rest of %s", name, price, rate, whole, price)
	case l.CessRate != 0:
		return fmt.Sprintf("%s: %s × %s %%; cess: %s × %s %%", name, l.TaxableValue, rate, l.TaxableValue, l.CessRate)
	default:
		return fmt.Sprintf("%s: %s × %s %%", name, l.TaxableValue, rate)
	}
}

// subject is what an invoice or a line supplies.
type subject struct{ goods, services bool }

// subject returns what the lines supply; both if there are none.
func (i *Invoice) subject() subject {
	var s subject
	for _, l := range i.Items {
		s.goods, s.services = s.goods || !l.IsService, s.services || l.IsService
	}
	if len(i.Items) == 0 {
		return subject{goods: true, services: true}
	}
	return s
}

// cite returns the rule for goods, for services, or both.
func (s subject) cite(goods, services string) string {
	switch {
	case !s.services:
		return goods
	case !s.goods:
		return services
	default:
		return goods + "; " + services
	}
}
