package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/invochain/invochain/shared/problem"
)

func (s Shortage) code() string {
	if s.Unknown {
		return UnknownSKU
	}
	if s.Returns {
		return NotSold
	}
	return OutOfStock
}

func (s Shortage) message() string {
	if s.Unknown {
		return fmt.Sprintf("SKU %s does not exist; record its stock first", s.SKU)
	}
	if s.Returns {
		return fmt.Sprintf("SKU %s: %s returned, %s sold", s.SKU, s.Wanted, s.Sold)
	}
	return fmt.Sprintf("SKU %s: %s requested, %s on hand", s.SKU, s.Wanted, s.OnHand)
}

// field returns the error of one line of the request.
func (s Shortage) field(name string) problem.FieldError {
	f := problem.FieldError{
		Field: name, Code: s.code(), Message: s.message(), SKU: s.SKU, Wanted: json.Number(s.Wanted.String()),
	}
	switch {
	case s.Unknown:
	case s.Returns:
		f.Sold = json.Number(s.Sold.String())
	default:
		f.OnHand = json.Number(s.OnHand.String())
	}
	return f
}

// fields returns one error for each line of the request whose SKU is short or unknown, in the
// order of the lines. Where the lines are not known, a SKU has one error, of the field `items`.
func fields(short []Shortage) []problem.FieldError {
	type line struct {
		at    int
		error problem.FieldError
	}
	var lines []line
	for _, s := range short {
		if len(s.Items) == 0 {
			lines = append(lines, line{-1, s.field("items")})
		}
		for _, at := range s.Items {
			lines = append(lines, line{at, s.field(fmt.Sprintf("items[%d].quantity", at))})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var errs []problem.FieldError
	for _, l := range lines {
		errs = append(errs, l.error)
	}
	return errs
}
