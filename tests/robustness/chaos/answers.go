package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/invochain/invochain/tests/framework/invariants"
)

// created returns the first 201 to an order.
func (o *order) created() (answer, bool) {
	for _, a := range o.attempts() {
		if a.Status == 201 {
			return a, true
		}
	}
	return answer{}, false
}

// issued lists the invoices that callers received with a 201.
func (l *load) issued() (list []invariants.Issued) {
	for _, o := range l.all() {
		if a, ok := o.created(); ok {
			i := invariants.Issued{Merchant: o.merchant}
			_ = json.Unmarshal(a.Body, &i) // an unreadable body counts as a missing invoice
			list = append(list, i)
		}
	}
	return list
}

// between lists the answers to attempts that began in [from, to).
func (l *load) between(from, to time.Time) (list []answer) {
	for _, o := range l.all() {
		for _, a := range o.attempts() {
			if !o.queued && !a.Sent.Before(from) && a.Sent.Before(to) {
				list = append(list, a)
			}
		}
	}
	return list
}

// served counts the HTTP orders whose first attempt got a 201, and those of which a later
// attempt did.
func (l *load) served() (first, later int) {
	for _, o := range l.all() {
		a, ok := o.created()
		switch {
		case ok && a.Sent.Equal(o.attempts()[0].Sent):
			first++
		case ok:
			later++
		}
	}
	return first, later
}

// unserved counts the orders without a final answer.
func (l *load) unserved() (n int) {
	for _, o := range l.all() {
		if seen := o.attempts(); len(seen) == 0 || seen[len(seen)-1].ShouldRetry() {
			n++
		}
	}
	return n
}

// contradicted counts the orders that got a 201 with two different bodies.
func (l *load) contradicted() (n int) {
	for _, o := range l.all() {
		first, _ := o.created()
		other := func(a answer) bool { return a.Status == 201 && string(a.Body) != string(first.Body) }
		if slices.ContainsFunc(o.attempts(), other) {
			n++
		}
	}
	return n
}

// refusals counts the answers other than 201, by status and code.
func (l *load) refusals() string {
	counts := map[string]int{}
	for _, a := range l.between(time.Time{}, time.Now()) {
		if a.Status != 201 {
			counts[strings.TrimSpace(strconv.Itoa(a.Status)+" "+a.code)]++
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s: %d", name, counts[name]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// filter returns the answers for which a condition holds.
func filter(list []answer, is func(answer) bool) []answer {
	return slices.DeleteFunc(slices.Clone(list), func(a answer) bool { return !is(a) })
}

// quantile returns the q-quantile (0 to 1) of the answers' latencies, by nearest rank; 0
// without answers.
func quantile(list []answer, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	took := make([]time.Duration, len(list))
	for i, a := range list {
		took[i] = a.Took
	}
	slices.Sort(took)
	return took[int(q*float64(len(took)-1))]
}

func ms(d time.Duration) int64 { return d.Milliseconds() }
