package gst

import (
	"errors"
	"regexp"
)

var (
	merchantShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	skuShape      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$`)
	hsnShape      = regexp.MustCompile(`^[0-9]{2,8}$`)
	stateShape    = regexp.MustCompile(`^[0-9]{2}$`)
)

// matches returns a parser that accepts texts of a shape, which what describes.
func matches(shape *regexp.Regexp, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !shape.MatchString(s) {
			return "", errors.New("must be " + what)
		}
		return s, nil
	}
}

// ParseMerchantID accepts a merchant's id: 1 to 64 letters, digits, dots, hyphens and
// underscores, not beginning with a sign.
func ParseMerchantID(s string) (string, error) {
	return matches(merchantShape, "1 to 64 letters, digits, dots, hyphens and underscores")(s)
}

// ParseSKU accepts a SKU: 1 to 64 letters, digits and `._/-`, not beginning with a sign.
func ParseSKU(s string) (string, error) {
	return matches(skuShape, "1 to 64 letters, digits and ._/-")(s)
}

// ValidMerchantID reports whether s can be a merchant's id.
func ValidMerchantID(s string) bool { return merchantShape.MatchString(s) }

// ValidSKU reports whether s can be a SKU.
func ValidSKU(s string) bool { return skuShape.MatchString(s) }
