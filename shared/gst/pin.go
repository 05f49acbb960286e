package gst

import (
	"errors"
	"regexp"
	"slices"
)

var pinPattern = regexp.MustCompile(`^[1-9][0-9]{5}$`)

// ParsePIN accepts a postal code of India: 6 digits, the first not 0.
func ParsePIN(s string) (string, error) {
	if !pinPattern.MatchString(s) {
		return "", errors.New("must be a PIN code of 6 digits, not starting with 0")
	}
	return s, nil
}

// PINOfState reports whether a PIN that ParsePIN accepts may be of a state, by the ranges that the
// invoice portal checks (IRP 3039). Of a state without ranges it may be any.
func PINOfState(pin, state string) bool {
	ranges, first := pinRanges[state], pin[:3]
	within := func(r [2]string) bool { return r[0] <= first && first <= r[1] }
	return len(ranges) == 0 || slices.ContainsFunc(ranges, within)
}

// pinRanges lists the first three digits of the PIN codes of each state. Neighbours overlap:
// post offices of one serve villages of the other, and older ranges are wider than the state is now.
var pinRanges = map[string][][2]string{
	"01": {{"180", "194"}},                 // Jammu and Kashmir
	"02": {{"171", "177"}},                 // Himachal Pradesh
	"03": {{"140", "160"}},                 // Punjab
	"04": {{"140", "140"}, {"160", "160"}}, // Chandigarh
	"05": {{"244", "263"}},                 // Uttarakhand
	"06": {{"121", "136"}},                 // Haryana
	"07": {{"110", "110"}},                 // Delhi
	"08": {{"301", "345"}},                 // Rajasthan
	"09": {{"201", "285"}},                 // Uttar Pradesh
	"10": {{"800", "855"}},                 // Bihar
	"11": {{"737", "737"}},                 // Sikkim
	"12": {{"790", "792"}},                 // Arunachal Pradesh
	"13": {{"797", "798"}},                 // Nagaland
	"14": {{"795", "795"}},                 // Manipur
	"15": {{"796", "796"}},                 // Mizoram
	"16": {{"799", "799"}},                 // Tripura
	"17": {{"793", "794"}},                 // Meghalaya
	"18": {{"781", "788"}},                 // Assam
	"19": {{"700", "743"}},                 // West Bengal
	"20": {{"813", "835"}},                 // Jharkhand
	"21": {{"751", "770"}},                 // Odisha
	"22": {{"490", "497"}},                 // Chhattisgarh
	"23": {{"450", "488"}},                 // Madhya Pradesh
	"24": {{"360", "396"}},                 // Gujarat
	"26": {{"362", "362"}, {"396", "396"}}, // Dadra and Nagar Haveli and Daman and Diu
	"27": {{"400", "445"}},                 // Maharashtra
	"29": {{"560", "591"}},                 // Karnataka
	"30": {{"403", "403"}},                 // Goa
	"31": {{"682", "682"}},                 // Lakshadweep Islands
	"32": {{"670", "695"}},                 // Kerala
	"33": {{"600", "643"}},                 // Tamil Nadu
	"34": { // Puducherry
		{"533", "533"}, {"605", "605"}, {"607", "607"}, {"609", "609"}, {"673", "673"},
	},
	"35": {{"744", "744"}}, // Andaman and Nicobar Islands
	"36": {{"500", "509"}}, // Telangana
	"37": {{"500", "535"}}, // Andhra Pradesh
	"38": {{"194", "194"}}, // Ladakh
}
