package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

type (
	sagas interface {
		Due(ctx context.Context, limit int) ([]saga.Record, error)
		Abandon(ctx context.Context, r saga.Record, undo []string) (saga.Record, error)
		Redrive(ctx context.Context, r saga.Record) (saga.Record, error)
		AuditRetried(ctx context.Context, r saga.Record) error
		Dismiss(ctx context.Context, r saga.Record) error
		Postpone(ctx context.Context, r saga.Record, until time.Time) error
	}
	undoer interface {
		Start(ctx context.Context, r saga.Record) error
	}
	outbox interface {
		Send(ctx context.Context, m any) error
	}
	locks interface {
		WithLock(ctx context.Context, name string, patience time.Duration, do func(context.Context, lock.Lease) error) error
	}
	gauges interface {
		Read(ctx context.Context) (readings []gauge.Reading, failed []string)
	}
)

// pageSize bounds what one shard is asked for at a time.
const pageSize = 50

type handler struct {
	locks  locks
	led    func(lock.Lease) sagas // the sagas, as the leader of recovery moves them
	undoer undoer
	audits outbox
	gauges gauges
	now    func() time.Time
	log    *slog.Logger
}

// handle leads recovery, unless another run does: the schedule fires at least
// once, and a run may outlast its minute. What leads is the lock's fence in every
// change, so a leader that was frozen moves nothing that its successor has moved.
func (h handler) handle(ctx context.Context) error {
	outcome, err := h.lead(ctx)
	telemetry.Add(ctx, metric.RecoverRuns, 1, outcome)
	if outcome != "held" {
		h.measure(ctx)
	}
	return err
}

// measure records the states of the system as recovery leaves it: this is what runs
// every minute, and what alarms ask is whether sagas are stuck behind it.
func (h handler) measure(ctx context.Context) {
	readings, failed := h.gauges.Read(ctx)
	for _, r := range readings {
		telemetry.Set(ctx, r.Name, r.Value, r.Labels...)
	}
	if len(failed) > 0 {
		h.log.WarnContext(ctx, "gauges not read", slog.Any("sources", failed))
	}
}

func (h handler) lead(ctx context.Context) (outcome string, err error) {
	err = h.locks.WithLock(ctx, "recovery", 0, func(ctx context.Context, lead lock.Lease) error {
		return run{h, h.led(lead)}.all(ctx)
	})
	if held, ok := errors.AsType[*lock.HeldError](err); ok {
		h.log.InfoContext(ctx, "another run recovers", slog.Time("until", held.Until))
		return "held", nil
	}
	if err != nil {
		return "failed", err
	}
	return "ok", nil
}

// run is one leader's.
type run struct {
	handler

	sagas sagas
}

// all sees every due saga towards its end, page by page, until none is due or the
// time is up. A saga that cannot be moved or read does not hold up others.
func (h run) all(ctx context.Context) error {
	for {
		due, err := h.sagas.Due(ctx, pageSize)
		for _, r := range due {
			ctx := telemetry.WithScope(ctx, slog.String(telemetry.SagaID, r.SagaID), slog.String(telemetry.MerchantID, r.MerchantID))
			if err := h.recover(ctx, r); err != nil {
				h.log.ErrorContext(ctx, "recover failed", attrs(r, slog.String("error", err.Error()))...)
				if err := h.putOff(ctx, r); err != nil {
					return err
				}
			}
		}
		if err != nil || len(due) == 0 || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
}

// putOff makes room in the page for others: a saga that keeps failing would be at its
// head for ever. The next run, a minute after this one, finds it again.
func (h run) putOff(ctx context.Context, r saga.Record) error {
	return h.sagas.Postpone(ctx, r, h.now().Add(30*time.Second))
}

func attrs(r saga.Record, more ...any) []any {
	return append([]any{slog.String(telemetry.SagaID, r.SagaID), slog.String("state", string(r.State))}, more...)
}

func (h run) recover(ctx context.Context, r saga.Record) error {
	h.log.InfoContext(ctx, "recover", attrs(r)...)
	var err error
	switch r.State {
	case saga.Begun:
		r, err = h.sagas.Abandon(ctx, r, owed(r))
	case saga.Compensating, saga.Stuck:
		r, err = h.sagas.Redrive(ctx, r)
	case saga.Committed:
		if err := h.audits.Send(ctx, events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID}); err != nil {
			return err
		}
		return h.sagas.AuditRetried(ctx, r)
	default:
		return h.dismiss(ctx, r)
	}
	if errors.Is(err, saga.ErrLost) || errors.Is(err, saga.ErrCommitted) {
		return nil // somebody else has moved it on
	}
	if err != nil || r.State != saga.Compensating {
		return err
	}
	return h.undoer.Start(ctx, r)
}

// dismiss ends what is due although it has ended, by somebody's hand. A state that this
// version does not know is left to the version that does.
func (h run) dismiss(ctx context.Context, r saga.Record) error {
	if !r.State.Ended() {
		return fmt.Errorf("saga in unknown state %q", r.State)
	}
	return h.sagas.Dismiss(ctx, r)
}

// owed are the compensations of a saga of which only its beginning is known. An
// invoice is out of question: its commit would show in the saga.
func owed(r saga.Record) []string {
	if !r.Reserves || r.Fence == 0 { // 0: it was accepted for the queue, and nobody has begun
		return nil
	}
	return []string{step.Delete, step.Release}
}
