package history

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/anishathalye/porcupine"
)

// What events do to the stock of a SKU.
const (
	take      = "take"       // reserved for an invoice, later sold
	hold      = "hold"       // reserved for what becomes no invoice
	drop      = "drop"       // and given back
	fallShort = "fall short" // refused for want of stock
	count     = "count"
	recount   = "recount" // a count whose answer shows what came after it
	maybe     = "maybe count"
	see       = "see"
	end       = "end"
)

// books of a SKU. What is reserved and what is sold are one column: which of a
// commit's two it is in depends on an event that no client sees.
type books struct {
	onHand, gone int
	sold         int    // at least
	held         string // names of the holds, and of counts not yet seen, each in #
	over         bool   // the run has ended; what has not happened by now never did
}

// stocks has a partition for each SKU.
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
			add(c.op, event{does: take, since: min(c.from, begun(ops, c.op)), until: c.until})
		}
	}
	committed := silently(ops, commits)
	for i, op := range ops {
		if committed[i] {
			continue
		}
		for _, e := range effects(ops, op, fmt.Sprintf("#%d#", i)) {
			add(op, e)
		}
	}
	model := porcupine.Model{
		Init: func() any { return books{} },
		Step: func(state, input, _ any) (bool, any) {
			e, _ := input.(event)
			s, _ := state.(books)
			return s.after(e)
		},
		DescribeOperation: describe,
		DescribeState: func(state any) string {
			s, _ := state.(books)
			return fmt.Sprintf("%d on hand, %d reserved or sold, held: %s", s.onHand, s.gone, s.held)
		},
	}
	var all []partition
	for _, name := range names {
		all = append(all, newPartition(name, model, append(events[name], ending(events[name]))))
	}
	return all
}

// silently tells, by their places, the unknown requests that were a commit: one of
// each silent commit's key and payload. Which one it was nobody knows; the last leaves
// the others the most time.
func silently(ops []Op, commits []commit) map[int]bool {
	places := map[int]bool{}
	for _, c := range commits {
		last := -1
		for i, op := range ops {
			if c.silent && op.Kind == Create && op.Key == c.op.Key && op.Payload == c.op.Payload && op.verdict() == unknown {
				last = i
			}
		}
		places[last] = true
	}
	return places
}

// ending is the event after which nothing happens that has not yet.
func ending(all []event) event {
	last := int64(0)
	for _, e := range all {
		last = max(last, e.op.Return)
	}
	return event{does: end, since: last + 1, until: never}
}

// effects of an operation on its SKU, beside those of commits.
func effects(ops []Op, op Op, name string) []event {
	switch op.Kind {
	case Stock, Settle:
		if op.answered() {
			return []event{{does: see}}
		}
	case Count:
		switch {
		case !op.answered():
			return []event{{does: maybe, until: never}}
		case op.Outcome.OnHand != op.Quantity && op.Outcome.Status == http.StatusOK: // its reply was lost on the way, and it was looked up
			return []event{{does: recount, name: name}, {does: see, name: name}}
		}
		return []event{{does: count}}
	case Create:
		if op.SKU != "" {
			return refused(ops, op, name)
		}
	}
	return nil
}

// refused are the effects of a request that may have reserved without a commit.
func refused(ops []Op, op Op, name string) []event {
	switch op.verdict() {
	case short:
		return []event{{does: fallShort, since: begun(ops, op)}}
	case taken:
		return []event{{does: hold, name: name, since: begun(ops, op)}, {does: drop, name: name, until: never}}
	case unknown:
		return []event{{does: hold, name: name, until: never}, {does: drop, name: name, until: never}}
	default:
		return nil
	}
}

// begun is when the saga that an operation ends may have begun: it may go on with
// the saga of an earlier request under its key whose end nobody was told.
func begun(ops []Op, me Op) int64 {
	first := me.Call
	for _, op := range ops {
		if op.Kind == Create && op.Key == me.Key && op.Call < first && (op.Return >= me.Call || op.verdict() == unknown) {
			first = op.Call
		}
	}
	return first
}

func (s books) after(e event) (bool, books) {
	o, q := e.op.Outcome, e.op.Quantity
	switch e.does {
	case take, hold:
		if s.over && e.does == hold {
			return true, s
		}
		enough := s.onHand >= q
		s.onHand, s.gone = s.onHand-q, s.gone+q
		s.held += e.name
		return enough, s
	case drop:
		if s.over {
			return true, s
		}
		left := strings.Replace(s.held, e.name, "", 1)
		held := left != s.held
		s.onHand, s.gone, s.held = s.onHand+q, s.gone-q, left
		return held, s
	case fallShort:
		return s.onHand < q, s
	case maybe, recount:
		if !s.over {
			s.onHand, s.held = q, s.held+e.name
		}
		return true, s
	case see:
		left := strings.Replace(s.held, e.name, "", 1)
		if e.name != "" && left == s.held {
			return false, s // its recount comes first
		}
		s.held = left
	case end:
		s.over = true
		return true, s
	case count:
		s.onHand = q
	}
	return s.seen(e.op.Kind, o)
}

// seen holds the books against what a client was shown.
func (s books) seen(kind string, o Outcome) (bool, books) {
	if o.Status == http.StatusNotFound {
		return s == books{}, s
	}
	right := o.Status == http.StatusOK && o.OnHand == s.onHand && o.Reserved+o.Sold == s.gone &&
		o.OnHand >= 0 && o.Reserved >= 0 && o.Sold >= s.sold
	s.sold = o.Sold
	if kind == Settle {
		right = right && s.held == "" && o.Reserved == 0
	}
	return right, s
}
