package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

type (
	sagas interface {
		DuePages(ctx context.Context, limit int) iter.Seq2[[]saga.Record, error]
		Abandon(ctx context.Context, r saga.Record, undo []string) (saga.Record, error)
		Redrive(ctx context.Context, r saga.Record) (saga.Record, error)
		AuditRetried(ctx context.Context, r saga.Record) error
		Dismiss(ctx context.Context, r saga.Record) error
		Postpone(ctx context.Context, r saga.Record, until time.Time) error
	}
	compensator interface {
		Start(ctx context.Context, r saga.Record) error
	}
	producer interface {
		Send(ctx context.Context, merchantID string, m any) error
	}
	locks interface {
		WithLock(ctx context.Context, name string, patience time.Duration, do func(context.Context, lock.Lease) error) error
	}
	gauges interface {
		Read(ctx context.Context) (readings []gauge.Reading, failed []string)
	}
)

const (
	// pageSize is how many sagas of each shard are read at a time: some 2,000 in all, with their answers.
	pageSize = 16
	// workers is how many sagas are moved at the same time: fewer than the calls to DynamoDB that a process
	// may have in flight, so that the renewal of the lock finds room.
	workers = 50
	// retryAfter is how long a saga that could not be moved is postponed.
	retryAfter = 30 * time.Second
	// reserve is the time at the end of an invocation in which no saga is moved: for what has begun, and
	// for the gauges as recovery leaves them.
	reserve = 10 * time.Second
)

type handler struct {
	locks       locks
	fenced      func(lock.Lease) sagas // the sagas as the leader of recovery moves them
	compensator compensator
	audits      producer
	gauges      gauges
	now         func() time.Time
	log         *slog.Logger
}

// handle measures, and leads recovery unless another run does: the schedule fires at least once, and a
// run may outlast its minute. Every change carries the fence of the lock, so a leader
// that was frozen cannot move what its successor has moved.
func (h handler) handle(ctx context.Context) error {
	h.measure(ctx)
	if err := telemetry.Flush(ctx); err != nil {
		h.log.WarnContext(ctx, "gauges not sent yet", slog.String("error", err.Error()))
	}
	work, cancel := workTime(ctx)
	defer cancel()
	outcome, moved, err := h.lead(work)
	telemetry.Add(ctx, metric.RecoverRuns, 1, outcome)
	if moved {
		h.measure(ctx)
	}
	return err
}

// workTime returns a context that ends reserve before the invocation does.
func workTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// measure records the gauges: before anything is moved, so that they are known whatever becomes of
// the run, and as a run leaves them that moved sagas, since alarms are about those that are still stuck.
func (h handler) measure(ctx context.Context) {
	readings, failed := h.gauges.Read(ctx)
	for _, r := range readings {
		telemetry.Set(ctx, r.Name, r.Value, r.Labels...)
	}
	if len(failed) > 0 {
		h.log.WarnContext(ctx, "gauges not read", slog.Any("sources", failed))
	}
}

// lead makes a run, and reports whether it found sagas to move.
func (h handler) lead(ctx context.Context) (outcome string, moved bool, err error) {
	err = h.locks.WithLock(ctx, "recovery", 0, func(ctx context.Context, lease lock.Lease) error {
		moved, err = run{h, h.fenced(lease)}.all(ctx)
		return err
	})
	if held, ok := errors.AsType[*lock.HeldError](err); ok {
		h.log.InfoContext(ctx, "another run leads recovery", slog.Time("until", held.Until))
		return "held", false, nil
	}
	if err != nil {
		return "failed", moved, err
	}
	return "ok", moved, nil
}

// run is one run as leader.
type run struct {
	handler

	sagas sagas
}

// all moves the sagas that are due, page by page, until the time is up: the next run, a minute later, goes
// on. A saga that cannot be read or moved does not hold up the others. Of a page, those that hold stock
// or a key come before those whose audit is late, of which there may be very many. It reports whether any
// saga was due, with the first error.
func (h run) all(ctx context.Context) (found bool, first error) {
	for due, err := range h.sagas.DuePages(ctx, pageSize) {
		found = found || len(due) > 0
		slices.SortStableFunc(due, func(a, b saga.Record) int { return cmp.Compare(rank(a), rank(b)) })
		errs := make([]error, len(due))
		batch.Each(len(due), workers, func(i int) {
			if ctx.Err() == nil {
				errs[i] = h.move(ctx, due[i])
			}
		})
		if ctx.Err() != nil {
			return found, first
		}
		first = cmp.Or(first, err, cmp.Or(errs...))
	}
	return found, first
}

// rank orders the sagas of a page.
func rank(r saga.Record) int {
	if r.State == saga.Committed {
		return 1
	}
	return 0
}

// move moves a saga, or postpones it if it cannot be moved: those that keep failing would stay at the head
// of their shard. Its error is that of the postponement.
func (h run) move(ctx context.Context, r saga.Record) error {
	ctx = telemetry.WithScope(
		ctx, slog.String(telemetry.SagaID, r.SagaID), slog.String(telemetry.MerchantID, r.MerchantID),
	)
	err := h.recover(ctx, r)
	if err == nil {
		return nil
	}
	h.log.ErrorContext(ctx, "recover failed", attrs(r, slog.String("error", err.Error()))...)
	return h.sagas.Postpone(ctx, r, h.now().Add(retryAfter))
}

func attrs(r saga.Record, more ...any) []any {
	return append([]any{slog.String(telemetry.SagaID, r.SagaID), slog.String("state", string(r.State))}, more...)
}

func (h run) recover(ctx context.Context, r saga.Record) error {
	h.log.InfoContext(ctx, "recover", attrs(r)...)
	var err error
	switch r.State {
	case saga.Begun:
		r, err = h.sagas.Abandon(ctx, r, r.Owed())
	case saga.Compensating, saga.Cancelling, saga.Stuck:
		h.recordRedrive(ctx, r)
		r, err = h.sagas.Redrive(ctx, r)
	case saga.Committed:
		request := events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID}
		if err := h.audits.Send(ctx, r.MerchantID, request); err != nil {
			return err
		}
		return h.sagas.AuditRetried(ctx, r)
	default:
		return h.dismiss(ctx, r)
	}
	if errors.Is(err, saga.ErrLost) || errors.Is(err, saga.ErrCommitted) {
		return nil // it has been moved already
	}
	if err != nil || r.State != saga.Compensating && r.State != saga.Cancelling {
		return err
	}
	return h.compensator.Start(ctx, r)
}

// recordRedrive sends the act of a redrive to the audit log before it takes effect. A saga is not kept
// waiting by a log that cannot be reached.
func (h run) recordRedrive(ctx context.Context, r saga.Record) {
	act := events.SagaAct(events.SagaRedriven, r.SagaID, r.MerchantID, r.Redrive+1, "recover-sagas")
	act.Reason, act.At = "it was "+string(r.State), h.now()
	if err := h.audits.Send(ctx, r.MerchantID, events.AuditRequest{Act: &act}); err != nil {
		h.log.WarnContext(ctx, "act not recorded", attrs(r, slog.String("error", err.Error()))...)
	}
}

// dismiss removes an ended saga from the index, where only a manual change can have put
// it. A state that this version does not know is left to the version that does.
func (h run) dismiss(ctx context.Context, r saga.Record) error {
	if !r.State.Ended() {
		return fmt.Errorf("saga in unknown state %q", r.State)
	}
	return h.sagas.Dismiss(ctx, r)
}
