package issuance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
)

// sequencer commits the attempts of this process that name a series. DynamoDB refuses a transaction
// whose items another one holds, and every commit to a series holds the series' item. So the attempts
// that wait for the same series are committed together, see writer. The zero value is ready for use.
type sequencer struct {
	mu     sync.Mutex
	coming map[string]int // attempts that have begun and do not wait yet, by series
	lines  map[string]*line
}

// line has the attempts that wait for one series. It exists as long as there are any.
type line struct {
	waiting []*member
	changed chan struct{} // receives when a member joins, or an attempt that was coming does not
}

// member is an attempt that waits for its commit.
type member struct {
	*attempt

	ctx      context.Context //nolint:containedctx // of the attempt: the transaction is another's too
	steps    []saga.StepAttempt
	refusals int  // transactions that were refused because the series was busy
	alone    bool // a transaction with others failed, not for what it wrote
	inFlight bool
	done     chan outcome
}

// linger is how long a transaction waits for attempts that have begun. It is shorter than a transaction
// holds its items; an attempt that is alone does not wait.
const linger = 20 * time.Millisecond

// announce counts an attempt as coming until it arrives.
func (s *sequencer) announce(a *attempt) {
	if a.req.Series == "" || a.refused != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.coming == nil {
		s.coming, s.lines = map[string]int{}, map[string]*line{}
	}
	a.announced = scopeOf(a.assessed).SeriesKey(a.req.Series)
	s.coming[a.announced]++
}

// withdraw ends the announcement of an attempt that does not commit; harmless for one that did.
func (s *sequencer) withdraw(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(a)
}

func (s *sequencer) arrive(a *attempt) {
	key := a.announced
	if key == "" {
		return
	}
	a.announced = ""
	if s.coming[key]--; s.coming[key] == 0 {
		delete(s.coming, key)
	}
	if l := s.lines[key]; l != nil {
		l.notify()
	}
}

func (l *line) notify() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// commit waits until the attempt's commit has landed or was refused.
func (s *sequencer) commit(ctx context.Context, a *attempt, steps []saga.StepAttempt) outcome {
	m := &member{attempt: a, ctx: ctx, steps: steps, done: make(chan outcome, 1)}
	s.join(m) //nolint:contextcheck // a writer has the contexts of its members
	select {
	case o := <-m.done:
		return o
	case <-ctx.Done():
		return s.leave(m)
	}
}

func (s *sequencer) join(m *member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(m.attempt)
	if s.lines == nil {
		s.coming, s.lines = map[string]int{}, map[string]*line{}
	}
	key := m.seriesKey()
	l := s.lines[key]
	if l == nil {
		l = &line{changed: make(chan struct{}, 1)}
		s.lines[key] = l
		go newWriter(m.Issuer, key).run()
	}
	l.waiting = append(l.waiting, m)
	l.notify()
}

// leave takes out a member whose time has run out. If its transaction is on its way, the commit may
// still land.
func (s *sequencer) leave(m *member) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case o := <-m.done:
		return o
	default:
	}
	if m.inFlight {
		return outcome{err: m.ctx.Err()}
	}
	return outcome{err: saga.Refuse(seriesBusy(m.req.Series))}
}

// next returns the members of the next transaction, at most limit. Without any the line ends.
func (s *sequencer) next(key string, limit int) []*member {
	s.gather(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[key]
	l.waiting = slices.DeleteFunc(l.waiting, (*member).hasLeft)
	if len(l.waiting) == 0 {
		delete(s.lines, key)
		return nil
	}
	if l.waiting[0].alone {
		limit = 1
	}
	return slices.Clone(l.waiting[:min(limit, len(l.waiting))])
}

func (m *member) hasLeft() bool { return m.ctx.Err() != nil }

// depart returns the members that have not left. From now on their commits may land.
func (s *sequencer) depart(members []*member) []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	var still []*member
	for _, m := range members {
		if m.inFlight = !m.hasLeft(); m.inFlight {
			still = append(still, m)
		}
	}
	return still
}

// gather waits for the attempts that are coming, until a transaction is full.
func (s *sequencer) gather(key string) {
	if s.isComplete(key) {
		return
	}
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for !s.isComplete(key) {
		select {
		case <-s.changes(key):
		case <-timer.C:
			return
		}
	}
}

func (s *sequencer) isComplete(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := len(s.lines[key].waiting)
	return s.coming[key] == 0 || waiting == 0 || waiting >= maxGroup
}

func (s *sequencer) changes(key string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines[key].changed
}

// resolve ends the wait of a member.
func (s *sequencer) resolve(key string, m *member, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[key]
	l.waiting = slices.DeleteFunc(l.waiting, func(w *member) bool { return w == m })
	m.done <- o
}

// land marks members that wait again: nothing of theirs is on its way.
func (s *sequencer) land(members []*member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range members {
		m.inFlight = false
	}
}

// compose returns the member's transaction. A panic is its own error: the others go on.
func (m *member) compose(p position) (t transaction, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return m.transaction(p, m.steps)
}
