package strictjson

import (
	"strconv"
	"strings"
)

// maxExponent bounds the exponents that are expanded. A number beyond keeps its exponent, and
// no parser of decimals accepts it.
const maxExponent = 40

// withoutExponent returns a JSON number in plain notation: `1.0E7` as `10000000`. JSON
// libraries write numbers of ten millions or more with an exponent.
func withoutExponent(literal string) string {
	at := strings.IndexAny(literal, "eE")
	if at < 0 {
		return literal
	}
	exponent, err := strconv.Atoi(literal[at+1:])
	if err != nil || exponent < -maxExponent || exponent > maxExponent {
		return literal
	}
	mantissa, negative := strings.CutPrefix(literal[:at], "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	zeros := strings.Repeat("0", maxExponent)
	digits := zeros + whole + fraction + zeros
	point := len(zeros) + len(whole) + exponent
	plain := strings.TrimLeft(digits[:point], "0") + "." + strings.TrimRight(digits[point:], "0")
	if strings.HasPrefix(plain, ".") {
		plain = "0" + plain
	}
	if negative {
		plain = "-" + plain
	}
	return strings.TrimSuffix(plain, ".")
}
