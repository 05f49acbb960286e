package money

import (
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/strictjson"
)

// Field reads a decimal number from least to most; 0 if the field is absent or faulty. The
// codes of faults are not_a_number, too_many_decimals and out_of_range.
func Field[T interface {
	~int64
	fmt.Stringer
}](r *strictjson.Reader, name string, parse func(string) (T, error), least, most T) T {
	literal, given := r.Decimal(name)
	if !given {
		return 0
	}
	n, err := parse(literal)
	tooPrecise, isPrecision := errors.AsType[precisionError](err)
	switch {
	case isPrecision:
		r.Fail(name, "too_many_decimals", tooPrecise.Error())
	case errors.Is(err, errDecimal):
		r.Fail(name, "not_a_number", "must be a plain decimal number, such as 1500.50")
	case err != nil || n < least || n > most:
		r.Fail(name, "out_of_range", fmt.Sprintf("must be from %s to %s", least, most))
	default:
		return n
	}
	return 0
}
