package gst

import (
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// Rate is a tax rate in hundredths of a percent; in JSON a number of percent.
type Rate int64

// MarshalJSON writes percent as a JSON number.
func (r Rate) MarshalJSON() ([]byte, error) { return money.Paise(r).MarshalJSON() }

// UnmarshalJSON reads percent from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error { return (*money.Paise)(r).UnmarshalJSON(b) }

// ratePeriod holds the rates in force from a day until the next period begins.
type ratePeriod struct {
	from  Date
	rates []Rate
}

// goodsRates returns the rates of goods by time of supply (CGST Act s.14), newest first.
// On 22 September 2025 the rate of 12 % ended, and 40 % replaced 28 % with cess for most
// goods.
func goodsRates() []ratePeriod {
	return []ratePeriod{
		{"2025-09-22", []Rate{0, 10, 25, 150, 300, 500, 1800, 2800, 4000}},
		{"2017-07-01", []Rate{0, 10, 25, 150, 300, 500, 1200, 1800, 2800}},
	}
}

// serviceRates returns the rates of services likewise. Builders of homes charge 7.5 %
// (notification 3/2019-Central Tax (Rate)).
func serviceRates() []ratePeriod {
	return []ratePeriod{
		{"2025-09-22", []Rate{0, 150, 500, 750, 1800, 4000}},
		{"2019-04-01", []Rate{0, 150, 500, 750, 1200, 1800, 2800}},
		{"2017-07-01", []Rate{0, 150, 500, 1200, 1800, 2800}},
	}
}

// rateInForce reports whether the line's rate was in force on a day. A credit or debit
// note may bear an older rate, that of the supply that it corrects (CGST Act s.34); it does
// not say when that was, so any earlier period will do.
func rateInForce(l Line, on Date, note bool) bool {
	periods := goodsRates()
	if l.IsService {
		periods = serviceRates()
	}
	for _, p := range periods {
		if on < p.from {
			continue
		}
		if slices.Contains(p.rates, l.GSTRate) {
			return true
		}
		if !note {
			return false
		}
	}
	return false
}
