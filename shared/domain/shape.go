package domain

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

func shaped(shape *regexp.Regexp, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !shape.MatchString(s) {
			return "", errors.New("must be " + what)
		}
		return s, nil
	}
}

// ValidMerchantID tells whether s can be a merchant's id: 1 to 64 letters,
// digits, dots, hyphens and underscores.
func ValidMerchantID(s string) bool { return merchantShape.MatchString(s) }

// ValidSKU tells whether s can be a SKU: 1 to 64 letters, digits and `._/-`.
func ValidSKU(s string) bool { return skuShape.MatchString(s) }
