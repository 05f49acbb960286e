package history

import (
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/anishathalye/porcupine"
)

// numbers has a partition for each number that clients gave: who got it. The model's
// state is the invoice, or the key of a request that may have got it, or nothing.
func numbers(ops []Op) []partition {
	byNumber := newGroups()
	for _, op := range ops {
		if tells := op.Kind == Find && op.answered() || op.Kind == Create; tells && op.Number != "" {
			byNumber.add("number "+op.Merchant+" "+op.numberKey(), op)
		}
	}
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{""} },
		Step: func(state, input, _ any) []any {
			e, _ := input.(event)
			s, _ := state.(string)
			return given(s, e.op)
		},
		DescribeOperation: describe,
		DescribeState:     func(state any) string { return fmt.Sprintf("given to %q", state) },
	}
	return byNumber.partitions(model.ToModel(), func(group []Op) []event {
		var events []event
		for _, op := range group {
			e := event{op: op}
			if op.Kind == Create && op.verdict() == unknown {
				e.until = never
			}
			events = append(events, e)
		}
		return events
	})
}

// given is who has the number after op. A key stands for its invoice until that is
// known.
func given(to string, op Op) []any {
	mine := "key " + op.Key
	if op.Kind == Find {
		if op.Outcome.Status == http.StatusOK && op.Outcome.Invoice != "" {
			return only(op.Outcome.Invoice, to == op.Outcome.Invoice || strings.HasPrefix(to, "key "))
		}
		return only(to, to == "")
	}
	switch op.verdict() {
	case unknown:
		if to == "" {
			return []any{to, mine}
		}
		return []any{to}
	case fresh:
		return only(op.Outcome.Invoice, to == "")
	case replayed:
		return only(op.Outcome.Invoice, to == mine || to == op.Outcome.Invoice)
	case taken:
		return only(to, to != "" && to != mine)
	default:
		return []any{to}
	}
}

// allocated has a partition for each series: its numbers, in the order of time.
func allocated(commits []commit) []partition {
	bySeries := newGroups()
	for _, c := range commits {
		if c.op.Series != "" {
			op := c.op
			op.Call, op.Return = c.from, c.until
			bySeries.add("series "+op.Merchant+" "+op.Series, op)
		}
	}
	model := porcupine.Model{
		Init: func() any { return 1 },
		Step: func(state, input, _ any) (bool, any) {
			e, _ := input.(event)
			next, _ := state.(int)
			return e.op.Outcome.Number == fmt.Sprintf("%s/%s/%04d", e.op.Series, financialYear, next), next + 1
		},
		DescribeOperation: describe,
		DescribeState:     func(state any) string { return fmt.Sprintf("next is %d", state) },
	}
	return bySeries.partitions(model, func(group []Op) []event {
		var events []event
		for _, op := range group {
			events = append(events, event{op: op})
		}
		return events
	})
}

// never is the time of what need not happen.
const never = math.MaxInt64 / 2
