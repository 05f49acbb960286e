package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// event is an operation, or one of its effects, in a model.
type event struct {
	op           Op
	does, name   string // stock model: the effect, and a name that pairs two effects
	excused      bool   // key model: the request may meet another payload
	unsold       int    // stock model: units that returns may have taken from the units sold
	since, until int64  // interval of the effect; zero for the operation's own times
}

// partition is a part of a history that can be checked alone.
type partition struct {
	name    string
	model   porcupine.Model
	events  []event
	history []porcupine.Operation
}

// newPartition converts events to Porcupine's operations.
func newPartition(name string, model porcupine.Model, events []event) partition {
	p := partition{name: name, model: model, events: events}
	for _, e := range events {
		p.history = append(p.history, porcupine.Operation{
			ClientId: e.op.Client, Input: e, Call: cmp.Or(e.since, e.op.Call), Return: cmp.Or(e.until, e.op.Return),
		})
	}
	return p
}

func describe(input, _ any) string {
	e, _ := input.(event)
	switch e.does {
	case "":
		return e.op.request() + " → " + e.op.Outcome.String()
	case end:
		return end
	default:
		return fmt.Sprintf("%s %d (%s → %s)", e.does, e.op.Quantity, e.op.request(), e.op.Outcome)
	}
}

// groups are operations by name, in the order of each name's first operation.
type groups struct {
	names []string
	of    map[string][]Op
}

func newGroups() *groups { return &groups{of: map[string][]Op{}} }

func (g *groups) add(name string, op Op) {
	if _, known := g.of[name]; !known {
		g.names = append(g.names, name)
	}
	g.of[name] = append(g.of[name], op)
}

func (g *groups) partitions(model porcupine.Model, events func([]Op) []event) []partition {
	var all []partition
	for _, name := range g.names {
		all = append(all, newPartition(name, model, events(g.of[name])))
	}
	return all
}

// Report is the result of a check.
type Report struct {
	Checked    int      // number of partitions
	Undecided  []string // partitions whose search exceeded the limit
	Violations []Violation
}

// Violation is a broken promise.
type Violation struct {
	What string
	Ops  []Op // operations that show it

	model porcupine.Model
	info  porcupine.LinearizationInfo
}

// Check searches an order of events for each partition, for at most limit. The violation
// with the fewest operations is the first.
func (h History) Check(limit time.Duration) Report {
	r := Report{Violations: h.plain()}
	all := commits(h)
	parts := slices.Concat(keys(h.Ops), statuses(h.Ops), numbers(h.Ops), allocations(all), stocks(h.Ops, all))
	for _, p := range parts {
		r.Checked++
		verdict, info := porcupine.CheckOperationsVerbose(p.model, p.history, limit)
		switch verdict {
		case porcupine.Unknown:
			r.Undecided = append(r.Undecided, p.name)
		case porcupine.Illegal:
			what := p.name + ": no order of events explains the answers"
			r.Violations = append(r.Violations, Violation{what, p.ops(), p.model, info})
		case porcupine.Ok:
		}
	}
	slices.SortStableFunc(r.Violations, func(a, b Violation) int { return len(a.Ops) - len(b.Ops) })
	return r
}

func (p partition) ops() []Op {
	ops := make([]Op, 0, len(p.events))
	for _, e := range p.events {
		if e.does != end {
			ops = append(ops, e.op)
		}
	}
	slices.SortStableFunc(ops, func(a, b Op) int { return cmp.Compare(a.Call, b.Call) })
	return slices.CompactFunc(ops, func(a, b Op) bool { return a.Call == b.Call && a.Client == b.Client })
}

// String formats the violation with its operations.
func (v Violation) String() string {
	var b strings.Builder
	b.WriteString(v.What + "\n")
	for _, op := range v.Ops {
		b.WriteString("  " + op.String() + "\n")
	}
	return b.String()
}

// Draw writes Porcupine's visualization of the violation, an HTML page, to a file. It
// returns false for a violation that was found without a search.
func (v Violation) Draw(file string) (bool, error) {
	if v.model.Init == nil {
		return false, nil
	}
	return true, porcupine.VisualizePath(v.model, v.info, file)
}
