package history

import (
	"net/http"
)

// silentOps returns the indexes of the requests with an unknown outcome that committed:
// one per silent commit's key and payload. Which one committed is unknown; the last gives
// the others the most time.
func silentOps(ops []Op, commits []commit) map[int]bool {
	places := map[int]bool{}
	for _, c := range commits {
		last := -1
		for i, op := range ops {
			same := op.Kind == Create && op.Key == c.op.Key && op.Payload == c.op.Payload
			if c.silent && same && op.verdict() == unknown {
				last = i
			}
		}
		places[last] = true
	}
	return places
}

// endEvent is the event after which nothing else takes effect.
func endEvent(all []event) event {
	last := int64(0)
	for _, e := range all {
		last = max(last, e.op.Return)
	}
	return event{does: end, since: last + 1, until: never}
}

// effects returns an operation's effects on its SKU other than a commit's.
func effects(ops []Op, op Op, name string) []event {
	switch op.Kind {
	case Stock, Settle:
		if op.answered() {
			return []event{{does: read}}
		}
	case Count:
		switch {
		case !op.answered():
			return []event{{does: maybe, until: never}}
		case op.Outcome.OnHand != op.Quantity && op.Outcome.Status == http.StatusOK: // a later read filled in the answer
			return []event{{does: recount, name: name}, {does: read, name: name}}
		}
		return []event{{does: count}}
	case Create:
		if op.SKU != "" {
			return refused(ops, op, name)
		}
	}
	return nil
}

// refused returns the effects of a request that may have reserved without a commit.
func refused(ops []Op, op Op, name string) []event {
	switch op.verdict() {
	case short:
		return []event{{does: outOfStock, since: earliestBegin(ops, op)}}
	case taken:
		return []event{
			{does: hold, name: name, since: earliestBegin(ops, op)},
			{does: release, name: name, until: never},
		}
	case unknown:
		return []event{{does: hold, name: name, until: never}, {does: release, name: name, until: never}}
	default:
		return nil
	}
}

// earliestBegin returns when the saga that an operation ends may have begun: it may resume
// the saga of an earlier request with its key and an unknown outcome.
func earliestBegin(ops []Op, me Op) int64 {
	first := me.Call
	for _, op := range ops {
		earlier := op.Kind == me.Kind && op.Key == me.Key && op.Call < first
		if earlier && (op.Return >= me.Call || op.verdict() == unknown) {
			first = op.Call
		}
	}
	return first
}
