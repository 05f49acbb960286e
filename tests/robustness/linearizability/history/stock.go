package history

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/anishathalye/porcupine"
)

// Effects of events on the stock of a SKU.
const (
	take       = "take"         // reserve for an invoice, later sold
	hold       = "hold"         // reserve without an invoice in the end
	release    = "release"      // of a hold
	outOfStock = "out of stock" // refuse for lack of stock
	back       = "back"         // of a cancelled invoice's units
	count      = "count"
	recount    = "recount" // a count whose answer shows later events
	maybe      = "maybe count"
	read       = "read"
	end        = "end"
)

// stockState is the state of a SKU's model. Reserved and sold are one column: which of the
// two a commit's quantity is in depends on an event that no client observes.
type stockState struct {
	onHand, gone int
	sold         int    // at least
	held         string // names of holds and of counts not yet read, each between #
	over         bool   // the run has ended; what has not happened by now never does
}

// stocks returns a partition per SKU.
func stocks(ops []Op, commits []commit) []partition {
	events := map[string][]event{}
	var names []string
	add := func(op Op, e event) {
		name := "stock " + op.Merchant + " " + op.SKU
		if _, known := events[name]; !known {
			names = append(names, name)
		}
		e.op = op
		events[name] = append(events[name], e)
	}
	for _, c := range commits {
		if c.op.SKU != "" {
			add(c.op, event{does: take, since: min(c.from, earliestBegin(ops, c.op)), until: c.until})
		}
	}
	committed := silentOps(ops, commits)
	for i, op := range ops {
		if committed[i] {
			continue
		}
		for _, e := range effects(ops, op, fmt.Sprintf("#%d#", i)) {
			add(op, e)
		}
	}
	for _, e := range comebacks(ops) {
		add(e.op, e)
	}
	model := porcupine.Model{
		Init: func() any { return stockState{} },
		Step: func(state, input, _ any) (bool, any) {
			e, _ := input.(event)
			s, _ := state.(stockState)
			return s.after(e)
		},
		DescribeOperation: describe,
		DescribeState: func(state any) string {
			s, _ := state.(stockState)
			return fmt.Sprintf("%d on hand, %d reserved or sold, held: %s", s.onHand, s.gone, s.held)
		},
	}
	var all []partition
	for _, name := range names {
		markUnsold(events[name])
		all = append(all, newPartition(name, model, append(events[name], endEvent(events[name]))))
	}
	return all
}

func (s stockState) after(e event) (bool, stockState) {
	q := e.op.Quantity
	switch e.does {
	case take, hold:
		if s.over && e.does == hold {
			return true, s
		}
		enough := s.onHand >= q
		s.onHand, s.gone = s.onHand-q, s.gone+q
		s.held += e.name
		return enough, s
	case release:
		if s.over {
			return true, s
		}
		left := strings.Replace(s.held, e.name, "", 1)
		held := left != s.held
		s.onHand, s.gone, s.held = s.onHand+q, s.gone-q, left
		return held, s
	case back:
		s.onHand, s.gone = s.onHand+q, s.gone-q
		return true, s
	case outOfStock:
		return s.onHand < q, s
	case maybe, recount:
		if !s.over {
			s.onHand, s.held = q, s.held+e.name
		}
		return true, s
	case read:
		left := strings.Replace(s.held, e.name, "", 1)
		if e.name != "" && left == s.held {
			return false, s // its recount must come first
		}
		s.held = left
	case end:
		s.over = true
		return true, s
	case count:
		s.onHand = q
	}
	return s.matches(e)
}

// matches compares the state with a client's answer.
func (s stockState) matches(e event) (bool, stockState) {
	o := e.op.Outcome
	if o.Status == http.StatusNotFound {
		return s == stockState{}, s
	}
	right := o.Status == http.StatusOK && o.OnHand == s.onHand && o.Reserved+o.Sold == s.gone &&
		o.OnHand >= 0 && o.Reserved >= 0 && o.Sold >= s.sold-e.unsold
	s.sold = o.Sold
	if e.op.Kind == Settle {
		right = right && s.held == "" && o.Reserved == 0
	}
	return right, s
}
