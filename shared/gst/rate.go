package gst

import (
	"fmt"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/gst/money"
)

// Rate is a tax rate in hundredths of a percent; in JSON a number of percent.
type Rate int64

// MarshalJSON writes percent as a JSON number.
func (r Rate) MarshalJSON() ([]byte, error) { return money.Paise(r).MarshalJSON() }

// UnmarshalJSON reads percent from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error { return (*money.Paise)(r).UnmarshalJSON(b) }

// String returns percent without trailing zeros: `0.25`.
func (r Rate) String() string { return money.Paise(r).String() }

// rateSpan is a rate with the time and the codes for which it is in force.
type rateSpan struct {
	rate Rate
	span
}

// goodsRates lists the rates of goods by time of supply (CGST Act s.14). The notifications
// are those of Central Tax (Rate); Integrated Tax has equal ones with twice the rate.
var goodsRates = []rateSpan{
	{0, span{from: "2017-07-01", begun: "2/2017"}},
	{10, span{from: "2017-10-23", begun: "40/2017"}}, // to merchants who export
	{25, span{from: "2017-07-01", begun: "1/2017", hsn: precious}},
	{150, span{from: "2022-07-18", begun: "6/2022", hsn: precious}},
	{300, span{from: "2017-07-01", begun: "1/2017", hsn: precious}},
	{500, span{from: "2017-07-01", begun: "1/2017"}},
	{600, span{from: "2022-04-01", begun: "2/2022", hsn: bricks, exception: true}}, // without credit
	{1200, span{from: "2017-07-01", begun: "1/2017", until: "2025-09-21", ended: "9/2025"}},
	{1200, span{from: "2025-09-22", begun: "14/2025", hsn: bricks, exception: true}},
	{1800, span{from: "2017-07-01", begun: "1/2017"}},
	{2800, span{from: "2017-07-01", begun: "1/2017", until: "2025-09-21", ended: "9/2025"}},
	{2800, span{
		from: "2025-09-22", begun: "9/2025", until: "2026-01-31", ended: "19/2025", hsn: tobacco, exception: true,
	}},
	{4000, span{from: "2025-09-22", begun: "9/2025"}},
}

// goodsReplaced is the day from which the rates of goods that went on are those of other
// notifications, and replaced names these: 9/2025 instead of 1/2017, which 6/2022 had amended,
// and 10/2025 instead of 2/2017. The notifications of services were amended.
const goodsReplaced Date = "2025-09-22"

var replaced = map[string]string{"1/2017": "9/2025", "6/2022": "9/2025", "2/2017": "10/2025"}

// serviceRates lists the rates of services likewise. Builders of homes charge 1.5 and 7.5 %,
// job workers on diamonds 1.5 %.
var serviceRates = []rateSpan{
	{0, span{from: "2017-07-01", begun: "12/2017"}},
	{150, span{from: "2019-04-01", begun: "3/2019", hsn: construction}},
	{150, span{from: "2019-10-01", begun: "20/2019", hsn: jobWork}},
	{500, span{from: "2017-07-01", begun: "11/2017"}},
	{750, span{from: "2019-04-01", begun: "3/2019", hsn: construction}},
	{1200, span{from: "2017-07-01", begun: "11/2017", until: "2025-09-21", ended: "15/2025"}},
	{1800, span{from: "2017-07-01", begun: "11/2017"}},
	{2800, span{from: "2017-07-01", begun: "11/2017", until: "2025-09-21", ended: "15/2025"}},
	{4000, span{from: "2025-09-22", begun: "15/2025"}},
}

// ratesOf returns the table of the line's kind.
func ratesOf(l Line) []rateSpan {
	if l.IsService {
		return serviceRates
	}
	return goodsRates
}

// rateInForce reports whether the line's rate was in force on a day.
func rateInForce(l Line, on Date, note bool) bool {
	_, found := spanOfRate(l, on, note)
	return found
}

// spanOfRate returns the span in which the line's rate was in force on a day. A credit or
// debit note may bear an older rate, that of the supply that it corrects (CGST Act s.34); it
// does not say when that was, so any earlier day will do, and the latest span is returned.
func spanOfRate(l Line, on Date, note bool) (found rateSpan, ok bool) {
	for _, s := range ratesOf(l) {
		if s.rate != l.GSTRate || !s.covers(l.HSN) {
			continue
		}
		if s.holds(on) {
			return s, true
		}
		if note && on >= s.from {
			found, ok = s, true
		}
	}
	return found, ok
}

// rateMessage explains why a rate was not in force on a day, and lists those that were.
func rateMessage(l Line, on Date) string {
	var inForce []string
	for _, s := range ratesOf(l) {
		if s.covers(l.HSN) && s.holds(on) {
			inForce = append(inForce, s.rate.String())
		}
	}
	return fmt.Sprintf("%s; on %s the rates of this line's kind were %s %%",
		rateReason(l, on), on, strings.Join(slices.Compact(inForce), ", "))
}

// rateReason returns when the rate began or ended for the line's code, or the codes that alone
// bear it.
func rateReason(l Line, on Date) string {
	var changed, others string
	for _, s := range ratesOf(l) {
		switch {
		case s.rate != l.GSTRate:
		case !s.covers(l.HSN) && s.holds(on):
			others = "for HSN " + strings.Join(s.hsn, ", ")
		case s.covers(l.HSN) && on < s.from:
			changed = fmt.Sprintf("began on %s (notification %s-Central Tax (Rate))", s.from, s.begun)
		case s.covers(l.HSN):
			changed = fmt.Sprintf("ended on %s (notification %s-Central Tax (Rate))", s.until, s.ended)
		}
	}
	switch {
	case changed == "" && others == "":
		return fmt.Sprintf("%s %% is not a GST rate", l.GSTRate)
	case changed == "":
		return fmt.Sprintf("%s %% is only %s", l.GSTRate, others)
	case others != "":
		changed += ", except " + others
	}
	return fmt.Sprintf("%s %% %s", l.GSTRate, changed)
}
