package domain

import (
	"slices"
	"strings"
)

// Places of supply that are no state.
const (
	otherCountries = "96"
	otherTerritory = "97"
)

// liveStates are the codes of states and union territories that register sellers
// today. 25 (merged into 26) and 28 (Andhra Pradesh before its division) are legacy.
func liveState(code string) bool {
	if code == otherTerritory || code == "26" || code == "27" {
		return true
	}
	return len(code) == 2 && allDigits(code) &&
		((code >= "01" && code <= "24") || (code >= "29" && code <= "38"))
}

func legacyState(code string) bool { return code == "25" || code == "28" }

// units are the unit quantity codes of the portal. NA is for services.
const units = "BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME " +
	"LTR MLT MTR MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS NA"

func knownUnit(code string) bool { return slices.Contains(strings.Fields(units), code) }

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
