package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// event is an operation, or one effect of it, as a model sees it.
type event struct {
	op           Op
	does, name   string // of a stock's model
	excused      bool   // of a key's model: may meet another payload
	since, until int64  // zero: the operation's own times
}

// partition is a part of a history that can be judged alone.
type partition struct {
	name    string
	model   porcupine.Model
	events  []event
	history []porcupine.Operation
}

// newPartition renders events as Porcupine's operations.
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
		return e.op.asked() + " → " + e.op.Outcome.String()
	case end:
		return end
	default:
		return fmt.Sprintf("%s %d (%s → %s)", e.does, e.op.Quantity, e.op.asked(), e.op.Outcome)
	}
}

// groups of operations, in the order in which they came up.
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

// Report is a check's result.
type Report struct {
	Checked    int      // partitions
	Undecided  []string // those that took too long; they may hold or not
	Violations []Violation
}

// Violation is a promise that was not kept.
type Violation struct {
	What string
	Ops  []Op // that show it

	model porcupine.Model
	info  porcupine.LinearizationInfo
}

// Check judges a history, giving each partition at most limit. The smallest violation
// is the first.
func (h History) Check(limit time.Duration) Report {
	r := Report{Violations: h.plain()}
	all := commits(h)
	parts := slices.Concat(keys(h.Ops), numbers(h.Ops), allocated(all), stocks(h.Ops, all))
	for _, p := range parts {
		r.Checked++
		verdict, info := porcupine.CheckOperationsVerbose(p.model, p.history, limit)
		switch verdict {
		case porcupine.Unknown:
			r.Undecided = append(r.Undecided, p.name)
		case porcupine.Illegal:
			r.Violations = append(r.Violations, Violation{p.name + ": no order of events explains what clients were told", p.ops(), p.model, info})
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

// String tells the violation with the operations that show it.
func (v Violation) String() string {
	var b strings.Builder
	b.WriteString(v.What + "\n")
	for _, op := range v.Ops {
		b.WriteString("  " + op.String() + "\n")
	}
	return b.String()
}

// Draw writes Porcupine's picture of the violation, an HTML page, to a file; false
// when there is none to draw.
func (v Violation) Draw(file string) (bool, error) {
	if v.model.Init == nil {
		return false, nil
	}
	return true, porcupine.VisualizePath(v.model, v.info, file)
}
