package issuance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/resilience"
)

const (
	// maxRefusals is how often an attempt's transactions may be refused because its series is busy. Each
	// but the first waited for its turn, and the pauses between so many add up to 1 s on average and 2 s
	// at most: what is refused as often met writers that take no turn. The wait for a turn itself has
	// no bound but the time of the request.
	maxRefusals = 20
	// maxTurn is how long a writer has its turn, unless it commits: longer than a transaction takes, and
	// as short as a writer that crashed may delay the others.
	maxTurn = time.Second
	// Pauses of a writer that waits for its turn, or whose transaction met another. Ten that wait leave
	// the series idle for 5 ms on average, and fifty write to it a thousand times a second, which is what
	// DynamoDB takes.
	firstTurnPause = 25 * time.Millisecond
	lastTurnPause  = 100 * time.Millisecond
)

// writer commits the members of a line, one transaction after the other. A member leaves the line when
// its commit has landed, and when a transaction was refused because of it: then its attempt decides, see
// classify, and the others go on.
type writer struct {
	*Issuer

	key   string // of the series
	id    string
	limit int  // members of the next transaction
	busy  bool // the last transaction met another
	pause resilience.Backoff
}

func newWriter(i *Issuer, key string) *writer {
	w := &writer{Issuer: i, key: key, id: rand.Text(), limit: maxGroup}
	w.calm()
	return w
}

// calm ends the care that a busy series needs.
func (w *writer) calm() {
	w.busy, w.pause = false, resilience.Backoff{First: firstTurnPause, Last: lastTurnPause}
}

// run commits until the line is empty.
func (w *writer) run() {
	for {
		members := w.sequencer.next(w.key, w.limit)
		if len(members) == 0 {
			return
		}
		w.limit = maxGroup
		w.commit(members)
	}
}

// commit sends one transaction, once it is the writer's turn.
func (w *writer) commit(members []*member) {
	ctx, cancel := together(members)
	defer cancel()
	p, err := w.position(ctx, members)
	if errors.Is(err, invoice.ErrNotInTurn) || ctx.Err() != nil {
		_ = w.pause.Wait(ctx) // when it ends, they leave
		return
	}
	if err != nil {
		w.resolve(outcome{err: err}, members...)
		return
	}
	defer w.sequencer.land(members)
	g := w.compose(w.sequencer.depart(members), p)
	if len(g.members) == 0 {
		return
	}
	if err = g.advance(w.Invoices); err != nil {
		w.resolve(outcome{err: err}, g.members...)
		return
	}
	if err = w.Invoices.Write(ctx, g.items); err != nil {
		w.refused(ctx, g, err)
		return
	}
	w.series.put(w.key, int64(g.next()))
	w.calm()
	for n, m := range g.members {
		w.resolve(outcome{result: g.parts[n].result}, m)
	}
}

// together returns a context with the values of the first member's, which ends with the last member's.
func together(members []*member) (context.Context, context.CancelFunc) {
	ctx, last := context.WithoutCancel(members[0].ctx), time.Time{}
	for _, m := range members {
		end, limited := m.ctx.Deadline()
		if !limited {
			return context.WithCancel(ctx)
		}
		if end.After(last) {
			last = end
		}
	}
	return context.WithDeadline(ctx, last)
}

// position returns the number to allocate next. An attempt that is alone trusts what this instance
// remembers: a stale position costs one more transaction. Several come from a busy queue, where other
// instances allocate too: they take turns.
func (w *writer) position(ctx context.Context, members []*member) (position, error) {
	scope, series := scopeOf(members[0].draft), members[0].req.Series
	if len(members) > 1 || w.busy {
		now := w.Now()
		next, err := w.Invoices.TakeTurn(ctx, scope, series, w.id, now, now.Add(maxTurn))
		return position(next), err
	}
	next, known := w.series.get(w.key)
	if known {
		return position(next), nil
	}
	next, err := w.Invoices.NextInSeries(ctx, scope, series)
	return position(next), err
}

// compose returns the transaction of as many members as it holds. A member that cannot be written is
// resolved and takes no number.
func (w *writer) compose(members []*member, p position) *group {
	g := newGroup(p)
	for _, m := range members {
		t, err := m.compose(g.next())
		if err != nil {
			w.resolve(outcome{err: err}, m)
			continue
		}
		if !g.holds(t) {
			break
		}
		g.add(m, t)
	}
	return g
}

// refused decides after a transaction that was not acknowledged.
func (w *writer) refused(ctx context.Context, g *group, err error) {
	w.busy = true
	reasons := dynamo.CancellationReasons(err)
	switch {
	case len(reasons) == len(g.items):
		w.judge(ctx, g, reasons)
	case dynamo.Contended(err):
		w.waitTurn(ctx, g.members)
	case len(g.members) == 1 || dynamo.OutcomeUnknown(err):
		w.resolve(outcome{refusal: err}, g.members...)
	default: // DynamoDB does not accept it, perhaps because of one member: each is sent alone
		for _, m := range g.members {
			m.alone = true
		}
	}
}

// judge decides after a cancelled transaction. The members because of which it was cancelled are
// resolved. While the series is held or has moved, another transaction has the numbers, and they tell
// nothing; else the client chose one itself.
func (w *writer) judge(ctx context.Context, g *group, reasons []types.CancellationReason) {
	busy, taken := isGiven(reasons[len(reasons)-1]), -1
	var rest []*member
	for n, m := range g.members {
		own, number := g.reasonsOf(n, reasons)
		if slices.ContainsFunc(own, isGiven) {
			w.resolve(outcome{refusal: &types.TransactionCanceledException{CancellationReasons: own}}, m)
			continue
		}
		rest = append(rest, m)
		busy = busy || isReason(number, dynamo.ReasonConflict)
		if taken < 0 && isReason(number, dynamo.ReasonConditionFailed) {
			taken = n
		}
	}
	switch {
	case len(rest) == 0:
	case busy:
		w.waitTurn(ctx, rest)
	case taken == 0:
		w.skipTaken(ctx, g)
	case taken > 0:
		w.limit = taken // the others are the first ones of the next transaction
	}
}

// waitTurn lets the transactions of other instances pass. Nothing of the members is on its way.
func (w *writer) waitTurn(ctx context.Context, members []*member) {
	w.sequencer.land(members)
	for _, m := range members {
		if m.refusals++; m.refusals == maxRefusals {
			w.resolve(outcome{err: saga.Refuse(seriesBusy(m.req.Series))}, m)
		}
	}
	_ = w.pause.Wait(ctx) // when it ends, they leave
}

// skipTaken moves the series past a number of its form that the client gave itself, and past those
// that follow it.
func (w *writer) skipTaken(ctx context.Context, g *group) {
	first := g.members[0]
	err := w.Invoices.SkipTaken(ctx, scopeOf(first.draft), first.req.Series, int64(g.start), int64(g.start)+1)
	if err != nil {
		w.resolve(outcome{err: fmt.Errorf("skip taken numbers: %w", err)}, g.members...)
	}
}

func (w *writer) resolve(o outcome, members ...*member) {
	for _, m := range members {
		w.sequencer.resolve(w.key, m, o)
	}
}
