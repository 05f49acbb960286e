package history

import (
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/anishathalye/porcupine"
)

// numbers returns a partition per number that clients chose. The model's state is the
// number's invoice, or the key of a request that may have got it, or empty.
func numbers(ops []Op) []partition {
	byNumber := newGroups()
	for _, op := range ops {
		if op.Number != "" && (op.Kind == Create || op.Kind == Find && op.answered()) {
			byNumber.add("number "+op.Merchant+" "+op.numberKey(), op)
		}
	}
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{""} },
		Step: func(state, input, _ any) []any {
			e, _ := input.(event)
			s, _ := state.(string)
			return ownerAfter(s, e.op)
		},
		DescribeOperation: describe,
		DescribeState:     func(state any) string { return fmt.Sprintf("owner %q", state) },
	}
	return byNumber.partitions(model.ToModel(), openEvents)
}

// ownerAfter returns the possible owners of a number after op. A key stands for its
// invoice until the invoice is known.
func ownerAfter(owner string, op Op) []any {
	mine := "key " + op.Key
	if op.Kind == Find {
		if op.Outcome.Status == http.StatusOK && op.Outcome.Invoice != "" {
			return only(op.Outcome.Invoice, owner == op.Outcome.Invoice || strings.HasPrefix(owner, "key "))
		}
		return only(owner, owner == "")
	}
	switch op.verdict() {
	case unknown:
		if owner == "" {
			return []any{owner, mine}
		}
		return []any{owner}
	case fresh:
		return only(op.Outcome.Invoice, owner == "")
	case replayed:
		return only(op.Outcome.Invoice, owner == mine || owner == op.Outcome.Invoice)
	case taken:
		return only(owner, owner != "" && owner != mine)
	default:
		return []any{owner}
	}
}

// allocations returns a partition per series with its numbers in the order of time.
func allocations(commits []commit) []partition {
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

// never is the end of an interval of an event that need not happen.
const never = math.MaxInt64 / 2
