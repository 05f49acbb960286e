package domain

import "slices"

// Rate is a tax rate in hundredths of a percent; a JSON number of percent.
type Rate int64

// MarshalJSON writes percent as a JSON number.
func (r Rate) MarshalJSON() ([]byte, error) { return Paise(r).MarshalJSON() }

// UnmarshalJSON reads percent from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error { return (*Paise)(r).UnmarshalJSON(b) }

// rateSpan is a time in which a set of goods rates was in force. Rates are in
// hundredths of a percent.
type rateSpan struct {
	from  Date
	rates []int64
}

// goodsRates by time of supply (CGST Act s.14). From 22 September 2025 there is no
// 12 % for goods any more, and 40 % took the place of 28 % with cess on most.
func goodsRates() []rateSpan {
	return []rateSpan{
		{"2025-09-22", []int64{0, 10, 25, 150, 300, 500, 1800, 2800, 4000}},
		{"2017-07-01", []int64{0, 10, 25, 150, 300, 500, 1200, 1800, 2800}},
	}
}

// serviceRates: services kept 12 % until the same day.
func serviceRates() []rateSpan {
	return []rateSpan{
		{"2025-09-22", []int64{0, 150, 500, 1800, 4000}},
		{"2017-07-01", []int64{0, 150, 500, 1200, 1800, 2800}},
	}
}

// rateInForce tells whether goods or services could bear the rate on that day.
func rateInForce(rate int64, service bool, on Date) bool {
	spans := goodsRates()
	if service {
		spans = serviceRates()
	}
	for _, s := range spans {
		if on >= s.from {
			return slices.Contains(s.rates, rate)
		}
	}
	return false
}
