// Package money holds amounts, prices and quantities as integers of a fixed scale. They
// are read from decimal text and never pass through a float.
package money

import (
	"math/bits"
)

// Paise is an amount of money in paise, a hundredth of a rupee.
type Paise int64

// Price is a price of one unit in thousandths of a rupee.
type Price int64

// Quantity is an amount of goods in thousandths of a unit.
type Quantity int64

// MaxPaise bounds any amount: a lakh crore rupees (10^12). Sums of a thousand
// such amounts still fit an int64.
const MaxPaise Paise = 1e14

// Decimals allowed on the wire.
const (
	amountDecimals   = 2
	priceDecimals    = 3
	quantityDecimals = 3
)

// ParsePaise reads rupees such as `15000`, `-0.02` or `99.5`: an optional sign,
// digits, at most two decimals; no exponent. It never goes through a float.
func ParsePaise(s string) (Paise, error) {
	n, err := parseDecimal(s, amountDecimals)
	if err == nil && (Paise(n) > MaxPaise || Paise(n) < -MaxPaise) {
		err = errRange
	}
	return Paise(n), err
}

// ParsePrice reads rupees with at most three decimals.
func ParsePrice(s string) (Price, error) {
	n, err := parseDecimal(s, priceDecimals)
	return Price(n), err
}

// ParseQuantity reads units with at most three decimals.
func ParseQuantity(s string) (Quantity, error) {
	n, err := parseDecimal(s, quantityDecimals)
	return Quantity(n), err
}

// String gives rupees without needless zeros: `15000`, `0.91`.
func (p Paise) String() string { return formatDecimal(int64(p), amountDecimals) }

// String gives rupees without needless zeros.
func (p Price) String() string { return formatDecimal(int64(p), priceDecimals) }

// String gives units without needless zeros.
func (q Quantity) String() string { return formatDecimal(int64(q), quantityDecimals) }

// MarshalJSON writes rupees as a JSON number.
func (p Paise) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON writes rupees as a JSON number.
func (p Price) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON writes units as a JSON number.
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads rupees from a JSON number or string.
func (p *Paise) UnmarshalJSON(b []byte) (err error) {
	*p, err = ParsePaise(unquoted(b))
	return err
}

// UnmarshalJSON reads rupees from a JSON number or string.
func (p *Price) UnmarshalJSON(b []byte) (err error) {
	*p, err = ParsePrice(unquoted(b))
	return err
}

// UnmarshalJSON reads units from a JSON number or string.
func (q *Quantity) UnmarshalJSON(b []byte) (err error) {
	*q, err = ParseQuantity(unquoted(b))
	return err
}

// Scale returns n × by ÷ per, half away from zero rounded up, for n ≥ 0; an error
// when the result is over MaxPaise. The product is taken in 128 bits.
func Scale(n, by, per int64) (Paise, error) {
	hi, lo := bits.Mul64(uint64(n), uint64(by))   //nolint:gosec // callers give no negatives
	lo, carry := bits.Add64(lo, uint64(per)/2, 0) //nolint:gosec // likewise
	hi += carry
	if hi >= uint64(per) { //nolint:gosec // likewise
		return 0, errRange
	}
	q, _ := bits.Div64(hi, lo, uint64(per)) //nolint:gosec // likewise
	if q > uint64(MaxPaise) {
		return 0, errRange
	}
	return Paise(q), nil
}

// Rupee rounds to the nearest rupee, 50 paise up (CGST Act s.170).
func Rupee(p Paise) Paise {
	if p < 0 {
		return -Rupee(-p)
	}
	return (p + 50) / 100 * 100
}
