package gst

import (
	"fmt"
	"net/http"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// maxRoundOff is how far a total may differ from the sum of its lines: one rupee.
const maxRoundOff money.Paise = 100

// setTotal sets the total: the one of the request, which may differ from the sum of the
// lines less the discount and with tax collected at source by a rupee at most, or else that sum
// rounded to the rupee (CGST Act s.170). An invoice without lines has the total of the request.
func (i *Invoice) setTotal(req Request) error {
	if err := i.discountAndCollect(req); err != nil {
		return err
	}
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
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "total_mismatch",
		Message: "total_amount differs from the sum of the items by more than one rupee",
		Fields: []problem.FieldError{{
			Field: "total_amount", Code: "total_mismatch", Message: fmt.Sprintf("is %s, but the items add up to %s", given, sum),
		}},
	}
}

// add adds a line. The sums of MaxItems lines of at most six times MaxPaise fit an int64.
func (t *Totals) add(l Line, reverseCharged bool) {
	t.TaxableValue += l.TaxableValue
	t.CGST += l.CGST
	t.SGST += l.SGST
	t.IGST += l.IGST
	t.Cess += l.cess()
	if reverseCharged {
		t.ReverseCharge += l.tax() + l.cess()
	}
	t.Total += l.Total
}

// tax returns tax and cess, with what the buyer pays to the state.
func (t *Totals) tax() money.Paise { return t.CGST + t.SGST + t.IGST + t.Cess }

// inRange reports whether each total can be parsed again. The total alone does not show
// this: it excludes what the buyer pays under reverse charge.
func (t *Totals) inRange() bool {
	return max(t.TaxableValue, t.CGST, t.SGST, t.IGST, t.Cess, t.ReverseCharge, t.Total) <= money.MaxPaise
}
