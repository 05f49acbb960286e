package gst

import (
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// cessField returns the first field that gives an item's cess; empty if it bears none.
func (i Item) cessField() string {
	switch {
	case i.CessRate != 0:
		return "cess_rate"
	case i.CessAmount != 0:
		return "cess_amount"
	case i.CessFixed != 0:
		return "cess_fixed"
	default:
		return ""
	}
}

// cess returns the whole cess of a line.
func (l Line) cess() money.Paise { return l.CessByRate + l.CessAmount + l.CessFixed }

// cessSpans lists when goods could bear compensation cess: all until 21 September 2025
// (notification 2/2025-Compensation Cess (Rate)), tobacco and pan masala until 31 January
// 2026 (notification 3/2025-Compensation Cess (Rate)).
var cessSpans = []span{
	{from: "2017-07-01", until: "2025-09-21", ended: "2/2025"},
	{from: "2017-07-01", until: "2026-01-31", ended: "3/2025", hsn: tobacco, exception: true},
}

// cessInForce reports whether the line could bear cess on a day. Notes may bear that of the
// supply that they correct.
func cessInForce(l Line, on Date, note bool) bool {
	return note || slices.ContainsFunc(cessSpans, func(s span) bool { return s.covers(l.HSN) && s.holds(on) })
}

// retailPricedFrom is the first day of rule 31D (notification 20/2025-Central Tax).
const retailPricedFrom Date = "2026-02-01"

// retailPriced reports whether the line's tax is a share of its retail sale price: that of
// tobacco and pan masala at 40 %. Biris bear 18 %, and leaves 5 %, of their value.
func retailPriced(l Line, on Date) bool {
	goods := span{from: retailPricedFrom, hsn: tobacco, exception: true}
	return !l.IsService && l.GSTRate == 4000 && goods.holds(on) && goods.covers(l.HSN)
}
