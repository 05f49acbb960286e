package history

import (
	"fmt"
	"net/http"

	"github.com/anishathalye/porcupine"
)

// keyState is the state of a key's model: the payload that it was answered for and the
// answer as far as clients have received it. An empty payload means no answer.
type keyState struct {
	payload, bytes, content, invoice string
	completed                        bool // a client has read its saga as COMPLETED
}

// keys returns a partition per key with its requests and the reads of its invoice and saga.
func keys(ops []Op) []partition {
	byKey := groupByKey(ops)
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{keyState{}} },
		Step: func(state, input, _ any) []any {
			e, _ := input.(event)
			s, _ := state.(keyState)
			return s.after(e)
		},
		DescribeOperation: describe,
		DescribeState: func(state any) string {
			s, _ := state.(keyState)
			if s.payload == "" {
				return "open"
			}
			return fmt.Sprintf("answered for %q: invoice %s", s.payload, s.invoice)
		},
	}
	return byKey.partitions(model.ToModel(), func(group []Op) []event {
		events := make([]event, 0, len(group))
		for i, op := range group {
			e := event{op: op, excused: meetsAnother(group, i)}
			if op.Kind == Create && op.verdict() == unknown {
				e.until = never
			}
			events = append(events, e)
		}
		return events
	})
}

// groupByKey groups requests by their keys, and reads by the keys of what they read.
func groupByKey(ops []Op) *groups {
	owner := map[string]string{} // of an invoice or a saga
	for _, op := range ops {
		if op.Kind == Create && op.Outcome.Status == http.StatusCreated {
			owner[op.Outcome.Invoice], owner[op.Outcome.SagaID] = op.Key, op.Key
		}
	}
	byKey := newGroups()
	for _, op := range ops {
		switch op.Kind {
		case Create:
			byKey.add("key "+op.Key, op)
		case Read, Saga:
			if key := owner[op.Target]; key != "" && op.answered() {
				byKey.add("key "+key, op)
			}
		default:
		}
	}
	return byKey
}

// meetsAnother reports whether a request may find its key used for another payload that is
// never answered: by a concurrent request, or by one whose failed run may still be
// compensated.
func meetsAnother(group []Op, i int) bool {
	me := group[i]
	for j, op := range group {
		if i == j || op.Kind != Create || op.Payload == me.Payload || op.Call > me.Return {
			continue
		}
		switch op.verdict() {
		case unknown, busy, taken:
			return true
		default:
			if op.Return >= me.Call {
				return true
			}
		}
	}
	return false
}

// after returns the states that may follow an event; none if the event is impossible.
func (s keyState) after(e event) []any {
	switch e.op.Kind {
	case Read:
		return s.read(e.op.Outcome)
	case Saga:
		return s.saga(e.op.Outcome)
	}
	open := s.payload == ""
	o := e.op.Outcome
	issued := keyState{payload: e.op.Payload, bytes: o.Bytes, content: o.Content, invoice: o.Invoice}
	switch e.op.verdict() {
	case unknown:
		if open {
			return []any{s, keyState{payload: e.op.Payload}}
		}
		return []any{s}
	case fresh:
		return only(issued, open)
	case replayed:
		if s.bytes != "" {
			issued = s
		}
		issued.completed = s.completed
		return only(issued, s.payload == e.op.Payload && (s.bytes == "" || s.bytes == o.Bytes))
	case reused:
		return only(s, !open && s.payload != e.op.Payload || open && e.excused)
	case busy, short, taken, away:
		return only(s, open)
	default:
		return nil
	}
}

func (s keyState) read(o Outcome) []any {
	if o.Status != http.StatusOK {
		return only(s, s.payload == "")
	}
	return only(s, s.payload != "" && (s.content == "" || s.content == o.Content))
}

func (s keyState) saga(o Outcome) []any {
	before := s
	s.completed = o.State == "COMPLETED"
	on := s.completed || o.State == "COMMITTED" && !before.completed
	return only(s, o.Status == http.StatusOK && s.payload != "" && on)
}

func only(s any, legal bool) []any {
	if legal {
		return []any{s}
	}
	return nil
}
