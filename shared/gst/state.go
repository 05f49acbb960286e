package gst

import "regexp"

// Places of supply that are not states.
const (
	otherCountries = "96"
	otherTerritory = "97"
)

var statePattern = regexp.MustCompile(`^[0-9]{2}$`)

// activeState reports whether code is that of a state, union territory or the other
// territory that registers sellers today.
func activeState(code string) bool {
	if code == otherTerritory || code == "26" || code == "27" {
		return true
	}
	return statePattern.MatchString(code) &&
		((code >= "01" && code <= "24") || (code >= "29" && code <= "38"))
}

// damanAndDiu was merged into 26 on 26 January 2020.
const damanAndDiu = "25"

// legacyState reports whether code is one that older documents bear: 25 (Daman and Diu) or 28
// (Andhra Pradesh before its division).
func legacyState(code string) bool { return code == damanAndDiu || code == "28" }

// outOfUse reports whether code was a legacy one on a day.
func outOfUse(code string, on Date) bool {
	return legacyState(code) && (code != damanAndDiu || on >= "2020-01-26")
}
