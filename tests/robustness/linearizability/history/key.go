package history

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/anishathalye/porcupine"
)

// keyState is the state of a key's model: the payload that it was answered for and the
// answer as far as clients have received it. An empty payload means no answer.
type keyState struct {
	cancels                          bool // it is a cancellation's key
	payload, bytes, content, invoice string
	stage                            int // of its saga, as far as clients have read it
}

// keys returns a partition per key with its requests and the reads of its invoice and saga.
func keys(ops []Op) []partition {
	creates, cancels := groupByKey(ops)
	return slices.Concat(
		creates.partitions(keyModel(keyState{}), keyEvents),
		cancels.partitions(keyModel(keyState{cancels: true}), keyEvents),
	)
}

func keyModel(first keyState) porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{first} },
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
	return model.ToModel()
}

// keyEvents returns the events of a key.
func keyEvents(group []Op) []event {
	events := openEvents(group)
	for i := range events {
		events[i].excused = meetsAnother(group, i)
	}
	return events
}

// openEvents returns an event per operation. That of a request of unknown outcome may come at any
// later time.
func openEvents(group []Op) []event {
	events := make([]event, 0, len(group))
	for _, op := range group {
		e := event{op: op}
		if op.keyed() && op.verdict() == unknown {
			e.until = never
		}
		events = append(events, e)
	}
	return events
}

// groupByKey groups requests by their keys, and reads by the keys of what they read.
func groupByKey(ops []Op) (creates, cancels *groups) {
	owner := map[string]string{} // of an invoice or a saga
	sagas := map[string]string{} // owners of the sagas of cancellations
	for _, op := range ops {
		switch {
		case op.Kind == Create && op.succeeded():
			owner[op.Outcome.Invoice], owner[op.Outcome.SagaID] = op.Key, op.Key
		case op.succeeded():
			sagas[op.Outcome.SagaID] = op.Key
		}
	}
	creates, cancels = newGroups(), newGroups()
	for _, op := range ops {
		switch op.Kind {
		case Create:
			creates.add("key "+op.Key, op)
		case Cancel:
			cancels.add("cancellation "+op.Key, op)
		case Read, Saga:
			if key := owner[op.Target]; key != "" && op.answered() {
				creates.add("key "+key, op)
			}
			if key := sagas[op.Target]; key != "" && op.answered() {
				cancels.add("cancellation "+key, op)
			}
		default:
		}
	}
	return creates, cancels
}

// meetsAnother reports whether a request may find its key used for another payload that is
// never answered: by a concurrent request, or by one whose failed run may still be compensated
// or aborted.
func meetsAnother(group []Op, i int) bool {
	me := group[i]
	for j, op := range group {
		if i == j || !op.keyed() || op.Payload == me.Payload || op.Call > me.Return {
			continue
		}
		switch op.verdict() {
		case unknown, busy, taken, tooLate:
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
	done := keyState{cancels: s.cancels, payload: e.op.Payload, bytes: o.Bytes, content: o.Content, invoice: o.Invoice}
	switch e.op.verdict() {
	case unknown:
		if open {
			return []any{s, keyState{cancels: s.cancels, payload: e.op.Payload}}
		}
		return []any{s}
	case fresh:
		return only(done, open)
	case replayed:
		if s.bytes != "" {
			done = s
		}
		done.stage = s.stage
		return only(done, s.payload == e.op.Payload && (s.bytes == "" || s.bytes == o.Bytes))
	case reused:
		return only(s, !open && s.payload != e.op.Payload || open && e.excused)
	case busy, short, taken, tooLate, away:
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
	s.stage = s.stageOf(o.State)
	on := s.stage > 0 && s.stage >= before.stage
	return only(s, o.Status == http.StatusOK && s.payload != "" && on)
}

// stageOf returns how far an answered request's saga is in a state; 0 if it cannot be in it.
func (s keyState) stageOf(state string) int {
	switch {
	case state == "COMPLETED":
		return 3
	case state == "COMMITTED":
		return 2
	case s.cancels && (state == "CANCELLING" || state == "STUCK"):
		return 1
	default:
		return 0
	}
}

func only(s any, legal bool) []any {
	if legal {
		return []any{s}
	}
	return nil
}
