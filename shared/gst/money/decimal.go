package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var (
	errDecimal = errors.New("not a plain decimal number")
	errRange   = errors.New("out of range")
)

// precisionError refuses a number that has more decimals than the value of the error.
type precisionError int

func (most precisionError) Error() string {
	return fmt.Sprintf("must have at most %d decimals", int(most))
}

// parseDecimal returns s scaled by 10^decimals. Zeros after the allowed decimals are ignored.
func parseDecimal(s string, decimals int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || (point && !allDigits(fraction)) {
		return 0, errDecimal
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > decimals {
		return 0, precisionError(decimals)
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	if err != nil || n > maxInteger {
		return 0, errRange
	}
	if negative && n == 0 {
		return 0, errRange // a sum whose sign was lost
	}
	if negative {
		n = -n
	}
	return n, nil
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// formatDecimal returns n divided by 10^decimals without trailing zeros.
func formatDecimal(n int64, decimals int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := strconv.FormatInt(n, 10)
	if len(digits) <= decimals {
		digits = strings.Repeat("0", decimals+1-len(digits)) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], strings.TrimRight(digits[len(digits)-decimals:], "0")
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// unquote returns the content of a JSON string or the text of any other JSON value.
func unquote(b []byte) string {
	if len(b) > 1 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	return string(b)
}
