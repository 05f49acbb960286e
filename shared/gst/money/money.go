// Package money holds amounts, prices and quantities as integers of a fixed scale. They
// are parsed from decimal text and never pass through a float.
package money

import "math/bits"

// Paise is an amount of money in paise, hundredths of a rupee.
type Paise int64

// Price is the price of one unit in thousandths of a rupee.
type Price int64

// Quantity is an amount of goods in thousandths of a unit.
type Quantity int64

// Bounds of a parsed number.
const (
	MaxPaise    Paise    = maxInteger / 100 // 10^12 rupees, so that a thousand such amounts fit an int64
	MaxPrice    Price    = maxInteger       // 10^13 rupees
	MaxQuantity Quantity = maxInteger       // 10^13 units
)

// maxInteger bounds the scaled integer of any number.
const maxInteger = 1e16

// Decimals that a number may have.
const (
	amountDecimals   = 2
	priceDecimals    = 3
	quantityDecimals = 3
)

// ParsePaise parses rupees such as `15000`, `-0.02` or `99.5`: an optional minus sign,
// digits, at most two decimals, no exponent.
func ParsePaise(s string) (Paise, error) {
	n, err := parseDecimal(s, amountDecimals)
	if err == nil && (Paise(n) > MaxPaise || Paise(n) < -MaxPaise) {
		err = errRange
	}
	return Paise(n), err
}

// ParsePrice parses rupees with at most three decimals.
func ParsePrice(s string) (Price, error) {
	n, err := parseDecimal(s, priceDecimals)
	return Price(n), err
}

// ParseQuantity parses units with at most three decimals.
func ParseQuantity(s string) (Quantity, error) {
	n, err := parseDecimal(s, quantityDecimals)
	return Quantity(n), err
}

// String returns rupees without trailing zeros: `15000`, `0.91`.
func (p Paise) String() string { return formatDecimal(int64(p), amountDecimals) }

// String returns rupees without trailing zeros.
func (p Price) String() string { return formatDecimal(int64(p), priceDecimals) }

// String returns units without trailing zeros.
func (q Quantity) String() string { return formatDecimal(int64(q), quantityDecimals) }

// MarshalJSON writes rupees as a JSON number.
func (p Paise) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON writes rupees as a JSON number.
func (p Price) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON writes units as a JSON number.
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads rupees from a JSON number or string.
func (p *Paise) UnmarshalJSON(b []byte) (err error) {
	*p, err = ParsePaise(unquote(b))
	return err
}

// UnmarshalJSON reads rupees from a JSON number or string.
func (p *Price) UnmarshalJSON(b []byte) (err error) {
	*p, err = ParsePrice(unquote(b))
	return err
}

// UnmarshalJSON reads units from a JSON number or string.
func (q *Quantity) UnmarshalJSON(b []byte) (err error) {
	*q, err = ParseQuantity(unquote(b))
	return err
}

// Scale returns n × by ÷ per, rounded half up; none of them may be negative. It computes in
// 128 bits and returns an error when the result exceeds MaxPaise.
func Scale(n, by, per int64) (Paise, error) {
	hi, lo := bits.Mul64(uint64(n), uint64(by))   //nolint:gosec // never negative
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

// Rupee returns p rounded to the nearest rupee, 50 paise away from zero (CGST Act s.170).
func Rupee(p Paise) Paise {
	if p < 0 {
		return -Rupee(-p)
	}
	return (p + 50) / 100 * 100
}
