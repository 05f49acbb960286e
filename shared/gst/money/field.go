package money

import (
	"errors"

	"github.com/invochain/invochain/shared/strictjson"
)

// Field reads a number that is at least least from a request; 0 if absent.
func Field[T ~int64](r *strictjson.Reader, name string, parse func(string) (T, error), least T) T {
	literal, given := r.Decimal(name)
	if !given {
		return 0
	}
	n, err := parse(literal)
	tooPrecise, precision := errors.AsType[precisionError](err)
	switch {
	case precision:
		r.Fail(name, "too_many_decimals", tooPrecise.Error())
	case errors.Is(err, errDecimal):
		r.Fail(name, "not_a_number", "must be a plain decimal number")
	case err != nil || n < least:
		r.Fail(name, "out_of_range", "is negative or too large")
	}
	return n
}
