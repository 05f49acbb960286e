package history

import (
	"fmt"
	"net/http"
	"strings"
)

// commit is an issued invoice with the interval in which it may have been issued.
type commit struct {
	op          Op
	from, until int64
	silent      bool // the request got no answer
}

// commits finds the commit of each key: the request that got the fresh 201, or one without
// an answer.
func commits(h History) []commit {
	byKey := newGroups()
	for _, op := range h.Ops {
		if op.Kind == Create {
			byKey.add(op.Key, op)
		}
	}
	listed := map[string]Listed{}
	for _, l := range h.Invoices {
		listed[l.Merchant+l.Payload] = l
	}
	var all []commit
	for _, key := range byKey.names {
		answered := false
		var silent []Op
		for _, op := range byKey.of[key] {
			switch op.verdict() {
			case fresh:
				answered = true
				all = append(all, commit{op: op, from: op.Call, until: op.Return})
			case unknown:
				silent = append(silent, op)
			default:
			}
		}
		if !answered {
			all = append(all, silentCommit(silent, byKey.of[key], listed)...)
		}
	}
	return all
}

// silentCommit returns the commit of a key whose answer was lost, if a later request
// replayed it or the list contains it.
func silentCommit(silent, group []Op, listed map[string]Listed) []commit {
	for _, op := range silent {
		c := commit{op: op, from: op.Call, until: never, silent: true}
		if l, found := listed[op.Merchant+op.Payload]; found {
			c.op.Outcome = Outcome{Status: http.StatusCreated, Invoice: l.ID, Number: l.Number}
		}
		for _, later := range group {
			if later.verdict() == replayed && later.Payload == op.Payload {
				c.until = min(c.until, later.Return)
				c.op.Outcome = later.Outcome
			}
		}
		if c.op.Outcome.Invoice != "" {
			return []commit{c}
		}
	}
	return nil
}

// plain returns the violations that are found without a search.
func (h History) plain() []Violation {
	var found []Violation
	add := func(ops []Op, format string, args ...any) {
		found = append(found, Violation{What: fmt.Sprintf(format, args...), Ops: ops})
	}
	if h.Unrest != "" {
		add(nil, "the system did not settle: %s", h.Unrest)
	}
	for _, op := range h.Ops {
		if isUnexpected(op) {
			add([]Op{op}, "an answer that the API should not give")
		}
	}
	h.checkLists(add)
	h.checkCancelled(add)
	for id, state := range h.Sagas {
		if !ended(state) {
			add(nil, "P4: saga %s has not ended: %s", id, state)
		}
	}
	return found
}

func isUnexpected(op Op) bool {
	switch op.Kind {
	case Create, Cancel:
		return op.verdict() == unexpected
	case Find, Read:
		return op.answered() && op.Outcome.Status != http.StatusOK && op.Outcome.Status != http.StatusNotFound
	default:
		return op.answered() && op.Outcome.Status != http.StatusOK
	}
}

// checkLists compares the merchants' lists with the answers.
func (h History) checkLists(add func([]Op, string, ...any)) {
	numbers, requests, ids := map[string]string{}, map[string]string{}, map[string]bool{}
	series := map[string]int{}
	for _, l := range h.Invoices {
		ids[l.ID] = true
		number := l.Merchant + " " + strings.ToUpper(l.Number)
		if other := numbers[number]; other != "" {
			add(nil, "P6: invoices %s and %s have the number %s", other, l.ID, number)
		}
		request, _, _ := strings.Cut(l.Payload, ",")
		request = l.Merchant + " " + request
		if other := requests[request]; other != "" {
			add(nil, "P1: invoices %s and %s were issued under the key of %s", other, l.ID, request)
		}
		numbers[number], requests[request] = l.ID, l.ID
		if strings.HasPrefix(l.Number, seriesPrefix) {
			series[l.Merchant]++
		}
	}
	for merchant, n := range series {
		for i := range n {
			if number := fmt.Sprintf("%s%04d", seriesPrefix, i+1); numbers[merchant+" "+number] == "" {
				add(nil, "P6: %s has %d numbers of the series, but not %s", merchant, n, number)
			}
		}
	}
	for _, op := range h.Ops {
		issued := op.Kind == Create && op.Outcome.Status == http.StatusCreated
		if issued && h.Unrest == "" && !ids[op.Outcome.Invoice] {
			add([]Op{op}, "P1: the invoice is not in its merchant's list")
		}
	}
}

const seriesPrefix = series + "/" + financialYear + "/"
