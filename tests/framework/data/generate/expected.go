package main

import (
	"math/big"
)

// Expected holds the expected totals of one invoice in rupees.
type Expected struct {
	InvoiceNumber string `json:"invoice_number"`
	TaxableValue  number `json:"taxable_value"`
	CGST          number `json:"cgst"`
	SGST          number `json:"sgst"`
	IGST          number `json:"igst"`
	RoundOff      number `json:"round_off"`
	Total         number `json:"total"`

	intra, taxed                bool
	taxable, central, state, ig *big.Rat
}

// number is a decimal that encodes as a JSON number.
type number string

// MarshalJSON writes n without trailing zeros.
func (n number) MarshalJSON() ([]byte, error) { //nolint:unparam // the interface asks for an error
	r, _ := new(big.Rat).SetString(string(n))
	for places := range 4 {
		if s := r.FloatString(places); equal(s, r) {
			return []byte(s), nil
		}
	}
	return []byte(n), nil
}

func equal(s string, r *big.Rat) bool {
	v, ok := new(big.Rat).SetString(s)
	return ok && v.Cmp(r) == 0
}

func newExpected(invoice Invoice) *Expected {
	e := &Expected{
		InvoiceNumber: invoice.InvoiceNumber, intra: invoice.buyer.intra, taxed: invoice.buyer.taxed,
		taxable: new(big.Rat), central: new(big.Rat), state: new(big.Rat), ig: new(big.Rat),
	}
	for _, l := range invoice.Items {
		e.add(l.quantity, l.price, l.discount, l.GSTRate)
	}
	return e
}

// add adds a line: quantity and price in thousandths, discount in paise, rate in percent.
func (e *Expected) add(quantity, price, discount, rate int) {
	value := new(big.Rat).Mul(big.NewRat(int64(quantity), 1000), big.NewRat(int64(price), 1000))
	net := new(big.Rat).Sub(round(value), big.NewRat(int64(discount), 100))
	e.taxable.Add(e.taxable, net)
	if !e.taxed {
		return
	}
	if e.intra {
		half := round(new(big.Rat).Mul(net, big.NewRat(int64(rate), 200)))
		e.central.Add(e.central, half)
		e.state.Add(e.state, half)
		return
	}
	e.ig.Add(e.ig, round(new(big.Rat).Mul(net, big.NewRat(int64(rate), 100))))
}

// round rounds to the paisa, half up.
func round(r *big.Rat) *big.Rat {
	v, _ := new(big.Rat).SetString(r.FloatString(2)) // FloatString rounds half away from zero
	return v
}

// finish computes the totals. exact keeps the paise; otherwise the total is rounded to
// whole rupees.
func (e *Expected) finish(exact bool) {
	sum := new(big.Rat).Add(e.taxable, e.central)
	sum.Add(sum, e.state).Add(sum, e.ig)
	total := sum
	if !exact {
		total, _ = new(big.Rat).SetString(sum.FloatString(0))
	}
	write := func(r *big.Rat) number { return number(r.FloatString(2)) }
	e.TaxableValue, e.CGST, e.SGST, e.IGST = write(e.taxable), write(e.central), write(e.state), write(e.ig)
	e.RoundOff, e.Total = write(new(big.Rat).Sub(total, sum)), write(total)
}
