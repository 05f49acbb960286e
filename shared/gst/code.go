package gst

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
	return stateShape.MatchString(code) &&
		((code >= "01" && code <= "24") || (code >= "29" && code <= "38"))
}

func legacyState(code string) bool { return code == "25" || code == "28" }

// units are the unit quantity codes of the portal. NA is for services.
const units = "BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME " +
	"LTR MLT MTR MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS NA"

func knownUnit(code string) bool { return slices.Contains(strings.Fields(units), code) }
