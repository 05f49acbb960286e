package gst

import (
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// addLines computes the lines and their totals. Each amount of a line is rounded to the
// paisa, half up; totals are sums of rounded lines, so that they agree. The error names
// every faulty line.
func (i *Invoice) addLines(req Request) error {
	i.Items = make([]Line, 0, len(req.Items))
	var faults []problem.FieldError
	add := func(field string, item Item) (Line, bool) {
		line, err := i.line(item)
		if err != nil {
			faults = append(faults, lineFault(field, item, err))
			return Line{}, false
		}
		i.Totals.add(line, i.reverseCharged(line))
		return line, true
	}
	for n, item := range req.Items {
		if line, ok := add(fmt.Sprintf("items[%d]", n), item); ok {
			i.Items = append(i.Items, line)
		}
	}
	for n, charge := range req.OtherCharges {
		if line, ok := add(fmt.Sprintf("other_charges[%d]", n), charge.item()); ok {
			i.OtherCharges = append(i.OtherCharges, charge.computed(line))
		}
	}
	if len(faults) == 0 && !i.Totals.inRange() {
		faults = append(faults, problem.FieldError{
			Field: "items", Code: "out_of_range",
			Message: fmt.Sprintf("each total of the items must be at most %s rupees", money.MaxPaise),
		})
	}
	return problem.InvalidRequest(faults)
}

// line returns an item with its tax and total.
func (i *Invoice) line(item Item) (Line, error) {
	// thousandths of a unit × thousandths of a rupee, in paise
	gross, err := money.Scale(int64(item.Quantity), int64(item.UnitPrice), 10_000)
	if err == nil && item.DiscountPercent != 0 {
		item.Discount, err = money.Scale(int64(gross), int64(item.DiscountPercent), 10_000)
	}
	if err != nil {
		return Line{}, err
	}
	if item.Discount > gross {
		return Line{}, errDiscount
	}
	if i.withoutPayment() && item.cessField() != "" {
		return Line{}, errCess
	}
	l := Line{Item: item, TaxableValue: gross - item.Discount}
	if item.RetailSalePrice != 0 && !retailPriced(l, i.InvoiceDate) {
		return Line{}, errRetailSalePrice
	}
	if i.PricesIncludeTax {
		l.TaxableValue -= l.CessAmount + l.CessFixed
	}
	if !i.withoutPayment() {
		if err := i.charge(&l); err != nil {
			return Line{}, err
		}
	}
	if l.TaxableValue < 0 {
		return Line{}, errPrice
	}
	l.Total = l.TaxableValue
	// Under reverse charge the buyer pays tax and cess to the state (CGST Act s.9(3)
	// and (4)): the line shows them, and the total does not include them.
	if !i.reverseCharged(l) {
		l.Total += l.tax() + l.cess()
	}
	return l, nil
}

// reverseCharged reports whether the buyer pays the line's tax to the state.
func (i *Invoice) reverseCharged(l Line) bool { return i.ReverseCharge || l.ReverseCharge }

// tax returns the line's tax without cess.
func (l Line) tax() money.Paise { return l.CGST + l.SGST + l.IGST }

// withoutPayment reports whether the supply is zero-rated without payment of tax (IGST Act
// s.16(3)(a)), nor of cess (GST (Compensation to States) Act s.11).
func (i *Invoice) withoutPayment() bool { return i.SupplyType == SEZWOP || i.SupplyType == EXPWOP }

// charge sets the tax and the cess by rate of a line: IGST at the whole rate, or CGST and SGST
// at half the rate each. CGST and SGST are equal on every line. Both are on the taxable value, or
// part of a price that includes them (rule 35), or of the retail sale price (rule 31D): price ×
// rate ÷ (100 + rates). The taxable value is then what the rounded tax and cess leave of the
// price, so that the buyer pays the price to the paisa.
func (i *Invoice) charge(l *Line) (err error) {
	base, whole := l.TaxableValue, int64(10_000) // hundredths of a percent
	if i.PricesIncludeTax || l.RetailSalePrice != 0 {
		whole += int64(l.GSTRate + l.CessRate)
	}
	if l.RetailSalePrice != 0 {
		base, err = money.Scale(int64(l.Quantity), int64(l.RetailSalePrice), 10_000)
	}
	if err != nil || base < 0 {
		return err
	}
	if i.intraState() {
		l.CGST, err = money.Scale(int64(base), int64(l.GSTRate), 2*whole)
		l.SGST = l.CGST
	} else {
		l.IGST, err = money.Scale(int64(base), int64(l.GSTRate), whole)
	}
	if err == nil {
		l.CessByRate, err = money.Scale(int64(base), int64(l.CessRate), whole)
	}
	if i.PricesIncludeTax {
		l.TaxableValue -= l.tax() + l.CessByRate
	}
	return err
}

var (
	errDiscount = errors.New("the discount exceeds the value")
	errCess     = errors.New("cess without payment of tax")

	errPrice           = errors.New("tax and cess exceed the price that includes them")
	errRetailSalePrice = errors.New("a retail sale price of goods that are not taxed on it")
)

// lineFault returns the field error of a line, such as items[0].
func lineFault(line string, item Item, err error) problem.FieldError {
	switch {
	case errors.Is(err, errDiscount):
		return problem.FieldError{
			Field: line + ".discount", Code: "discount_too_large", Message: "must be at most quantity × unit_price",
		}
	case errors.Is(err, errCess):
		return problem.FieldError{
			Field: line + "." + item.cessField(), Code: "cess_without_payment",
			Message: "cess cannot be charged on a supply without payment of tax",
		}
	case errors.Is(err, errPrice):
		return problem.FieldError{
			Field: line + ".unit_price", Code: "price_below_tax",
			Message: "must be at least the tax and cess that it includes",
		}
	case errors.Is(err, errRetailSalePrice):
		return problem.FieldError{
			Field: line + ".retail_sale_price", Code: "retail_sale_price_not_applicable",
			Message: "is only for tobacco and pan masala at 40 % from 2026-02-01 (rule 31D); leave it out",
		}
	default:
		return problem.FieldError{
			Field: line, Code: "out_of_range", Message: fmt.Sprintf("each amount must be at most %s rupees", money.MaxPaise),
		}
	}
}
