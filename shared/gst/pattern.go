package gst

import (
	"errors"
	"regexp"
)

var (
	merchantPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	skuPattern      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$`)
	hsnPattern      = regexp.MustCompile(`^[0-9]{2,8}$`)
)

// matches returns a function that accepts the strings of a pattern. Its error says what
// the string must be.
func matches(pattern *regexp.Regexp, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !pattern.MatchString(s) {
			return "", errors.New("must be " + what)
		}
		return s, nil
	}
}

// ParseMerchantID accepts a merchant's id: 1 to 64 letters, digits, dots, hyphens and
// underscores, starting with a letter or digit.
func ParseMerchantID(s string) (string, error) {
	return matches(merchantPattern,
		"1 to 64 letters, digits, dots, hyphens and underscores, and start with a letter or digit")(s)
}

// ParseSKU accepts a SKU: 1 to 64 letters, digits and `._/-`, starting with a letter or digit.
func ParseSKU(s string) (string, error) {
	return matches(skuPattern, "1 to 64 letters, digits and ._/-, and start with a letter or digit")(s)
}

// ValidMerchantID reports whether s can be a merchant's id.
func ValidMerchantID(s string) bool { return merchantPattern.MatchString(s) }

// ValidSKU reports whether s can be a SKU.
func ValidSKU(s string) bool { return skuPattern.MatchString(s) }
