package gst

import (
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// Rate is a tax rate in hundredths of a percent; a JSON number of percent.
type Rate int64

// MarshalJSON writes percent as a JSON number.
func (r Rate) MarshalJSON() ([]byte, error) { return money.Paise(r).MarshalJSON() }

// UnmarshalJSON reads percent from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error { return (*money.Paise)(r).UnmarshalJSON(b) }

// rateSpan is a time from which a set of rates was in force.
type rateSpan struct {
	from  Date
	rates []Rate
}

// goodsRates by time of supply (CGST Act s.14), newest first. From 22 September 2025
// there is no 12 % for goods any more, and 40 % took the place of 28 % with cess on
// most.
func goodsRates() []rateSpan {
	return []rateSpan{
		{"2025-09-22", []Rate{0, 10, 25, 150, 300, 500, 1800, 2800, 4000}},
		{"2017-07-01", []Rate{0, 10, 25, 150, 300, 500, 1200, 1800, 2800}},
	}
}

// serviceRates likewise: services kept 12 % until the same day. Builders of homes
// charge 7.5 % (notification 3/2019-Central Tax (Rate)).
func serviceRates() []rateSpan {
	return []rateSpan{
		{"2025-09-22", []Rate{0, 150, 500, 750, 1800, 4000}},
		{"2019-04-01", []Rate{0, 150, 500, 750, 1200, 1800, 2800}},
		{"2017-07-01", []Rate{0, 150, 500, 1200, 1800, 2800}},
	}
}

// rateInForce tells whether the line could bear its rate on that day. That of a
// note may be older: it keeps the rate of the supply that it corrects (s.34), whose
// day it does not tell.
func rateInForce(l Line, on Date, note bool) bool {
	spans := goodsRates()
	if l.IsService {
		spans = serviceRates()
	}
	for _, s := range spans {
		if on < s.from {
			continue
		}
		if slices.Contains(s.rates, l.GSTRate) {
			return true
		}
		if !note {
			return false
		}
	}
	return false
}
