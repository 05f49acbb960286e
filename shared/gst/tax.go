package gst

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// maxRoundOff is how far a total may stray from the sum of its lines: a rupee.
const maxRoundOff money.Paise = 100

// zeroRated: zero-rated without payment of tax (IGST Act s.16(3)(a)), nor of cess, to
// which the same rules apply (GST (Compensation to States) Act s.11).
func (i *Invoice) zeroRated() bool { return i.SupplyType == SEZWOP || i.SupplyType == EXPWOP }

// tax fills the lines and adds them up. Each amount of a line is rounded to the
// paisa, half up; totals are sums of rounded lines, so that they agree. The error
// names every line that is wrong.
func (i *Invoice) tax(items []Item) error {
	i.Items = make([]Line, 0, len(items))
	var wrong []problem.FieldError
	for n, item := range items {
		line, err := i.line(item)
		if err != nil {
			wrong = append(wrong, lineProblem(n, err))
			continue
		}
		i.Items = append(i.Items, line)
		i.Totals.add(line)
	}
	if len(wrong) == 0 && !i.Totals.inRange() {
		wrong = append(wrong, problem.FieldError{Field: "items", Code: "out_of_range", Message: "the lines add up to too much"})
	}
	return problem.InvalidRequest(wrong)
}

// add a line. MaxItems lines of at most three times MaxPaise fit an int64.
func (t *Totals) add(l Line) {
	t.TaxableValue += l.TaxableValue
	t.CGST += l.CGST
	t.SGST += l.SGST
	t.IGST += l.IGST
	t.Cess += l.CessAmount
	t.Total += l.Total
}

// inRange: each can be read back. The total alone does not tell, since it leaves
// out what the buyer pays under reverse charge.
func (t *Totals) inRange() bool {
	return max(t.TaxableValue, t.CGST, t.SGST, t.IGST, t.Cess, t.Total) <= money.MaxPaise
}

func (i *Invoice) line(item Item) (Line, error) {
	// thousandths of a unit × thousandths of a rupee, in paise
	gross, err := money.Scale(int64(item.Quantity), int64(item.UnitPrice), 10_000)
	if err != nil {
		return Line{}, err
	}
	if item.Discount > gross {
		return Line{}, errDiscount
	}
	if i.zeroRated() && item.CessAmount != 0 {
		return Line{}, errCess
	}
	l := Line{Item: item, TaxableValue: gross - item.Discount}
	if !i.zeroRated() {
		if err := i.charge(&l); err != nil {
			return Line{}, err
		}
	}
	l.Total = l.TaxableValue
	// Under reverse charge the buyer pays tax and cess to the state (CGST Act s.9(3)
	// and (4)): the line shows them, and the seller does not ask for them.
	if !i.ReverseCharge {
		l.Total += l.CGST + l.SGST + l.IGST + l.CessAmount
	}
	return l, nil
}

// charge puts the whole rate on IGST, or half of it on each of CGST and SGST,
// which are equal on every line.
func (i *Invoice) charge(l *Line) (err error) {
	const percent = 10_000 // of hundredths
	if i.intraState() {
		l.CGST, err = money.Scale(int64(l.TaxableValue), int64(l.GSTRate), 2*percent)
		l.SGST = l.CGST
		return err
	}
	l.IGST, err = money.Scale(int64(l.TaxableValue), int64(l.GSTRate), percent)
	return err
}

// settleTotal takes the total that was given, if it is within a rupee of the sum
// of the lines, or rounds that sum to the rupee (CGST Act s.170). Without lines
// the given total is all that is known.
func (i *Invoice) settleTotal(req Request) error {
	sum := i.Totals.Total
	total := money.Rupee(sum)
	if req.TotalAmount != nil {
		total = *req.TotalAmount
	}
	i.Totals.Total, i.TotalAmount = total, total
	if len(i.Items) == 0 {
		return nil
	}
	i.Totals.RoundOff = total - sum
	if off := i.Totals.RoundOff; off > maxRoundOff || off < -maxRoundOff {
		return totalMismatch(total, sum)
	}
	return nil
}

func totalMismatch(given, sum money.Paise) error {
	message := fmt.Sprintf("is %s, the lines add up to %s", given, sum)
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "total_mismatch",
		Message: "total_amount differs from the lines by more than a rupee",
		Fields:  []problem.FieldError{{Field: "total_amount", Code: "total_mismatch", Message: message}},
	}
}

var (
	errDiscount = errors.New("the discount is more than the value")
	errCess     = errors.New("cess without payment of tax")
)

func lineProblem(n int, err error) problem.FieldError {
	line := fmt.Sprintf("items[%d]", n)
	switch {
	case errors.Is(err, errDiscount):
		return problem.FieldError{Field: line + ".discount", Code: "discount_too_large", Message: "is more than quantity × unit price"}
	case errors.Is(err, errCess):
		return problem.FieldError{Field: line + ".cess_amount", Code: "cess_without_payment", Message: "a supply without payment of tax bears no cess"}
	default:
		return problem.FieldError{Field: line, Code: "out_of_range", Message: "the amounts are too large"}
	}
}
