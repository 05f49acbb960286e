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

// told is the first 201 of an order at the HTTP door.
func (o *order) told() (answer, bool) {
	for _, a := range o.seen() {
		if a.Status == 201 {
			return a, true
		}
	}
	return answer{}, false
}

// issued are what callers were told with a 201.
func (l *load) issued() (list []invariants.Issued) {
	for _, o := range l.all() {
		if a, ok := o.told(); ok {
			i := invariants.Issued{Merchant: o.merchant}
			_ = json.Unmarshal(a.Body, &i) // what is not read is missed in the books
			list = append(list, i)
		}
	}
	return list
}

// between are the answers to attempts that began at a time from one to another.
func (l *load) between(from, to time.Time) (list []answer) {
	for _, o := range l.all() {
		for _, a := range o.seen() {
			if !o.queued && !a.At.Before(from) && a.At.Before(to) {
				list = append(list, a)
			}
		}
	}
	return list
}

// served counts the orders at the HTTP door that were answered 201 by their first
// attempt, and by a later one.
func (l *load) served() (first, later int) {
	for _, o := range l.all() {
		a, ok := o.told()
		switch {
		case ok && a.At.Equal(o.seen()[0].At):
			first++
		case ok:
			later++
		}
	}
	return first, later
}

// unserved counts the orders that have no final answer.
func (l *load) unserved() (n int) {
	for _, o := range l.all() {
		if seen := o.seen(); len(seen) == 0 || seen[len(seen)-1].again() {
			n++
		}
	}
	return n
}

// contradicted counts the orders that were answered 201 with two different bodies.
func (l *load) contradicted() (n int) {
	for _, o := range l.all() {
		first, _ := o.told()
		if slices.ContainsFunc(o.seen(), func(a answer) bool { return a.Status == 201 && string(a.Body) != string(first.Body) }) {
			n++
		}
	}
	return n
}

// refusals counts what was not 201, by status and code.
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

// those are the answers that a condition holds for.
func those(list []answer, is func(answer) bool) []answer {
	return slices.DeleteFunc(slices.Clone(list), func(a answer) bool { return !is(a) })
}

// quantile of the time that answers took, by nearest rank; 0 for no answers.
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
