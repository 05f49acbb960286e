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

// pageSize is how many sagas of each shard are read at a time.
const pageSize = 50

// retryAfter is how long a saga that could not be moved is postponed.
const retryAfter = 30 * time.Second

type handler struct {
	locks       locks
	fenced      func(lock.Lease) sagas // the sagas as the leader of recovery moves them
	compensator compensator
	audits      producer
	gauges      gauges
	now         func() time.Time
	log         *slog.Logger
}

// handle leads recovery unless another run does: the schedule fires at least once, and a
// run may outlast its minute. Every change carries the fence of the lock, so a leader
// that was frozen cannot move what its successor has moved.
func (h handler) handle(ctx context.Context) error {
	outcome, err := h.lead(ctx)
	telemetry.Add(ctx, metric.RecoverRuns, 1, outcome)
	if outcome != "held" {
		h.measure(ctx)
	}
	return err
}

// measure records the gauges as recovery leaves them: it runs every minute, and alarms
// are about sagas that are still stuck afterwards.
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
	err = h.locks.WithLock(ctx, "recovery", 0, func(ctx context.Context, lease lock.Lease) error {
		return run{h, h.fenced(lease)}.all(ctx)
	})
	if held, ok := errors.AsType[*lock.HeldError](err); ok {
		h.log.InfoContext(ctx, "another run leads recovery", slog.Time("until", held.Until))
		return "held", nil
	}
	if err != nil {
		return "failed", err
	}
	return "ok", nil
}

// run is one run as leader.
type run struct {
	handler

	sagas sagas
}

// all moves due sagas page by page until none is due or the time is up. A saga that
// cannot be read or moved does not hold up the others.
func (h run) all(ctx context.Context) error {
	for {
		due, err := h.sagas.Due(ctx, pageSize)
		for _, r := range due {
			ctx := telemetry.WithScope(
				ctx,
				slog.String(telemetry.SagaID, r.SagaID),
				slog.String(telemetry.MerchantID, r.MerchantID),
			)
			if err := h.recover(ctx, r); err != nil {
				h.log.ErrorContext(ctx, "recover failed", attrs(r, slog.String("error", err.Error()))...)
				if err := h.postpone(ctx, r); err != nil {
					return err
				}
			}
		}
		if err != nil || len(due) == 0 || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
}

// postpone makes room in the page: a saga that keeps failing would stay at its head. The
// next run, a minute later, finds it again.
func (h run) postpone(ctx context.Context, r saga.Record) error {
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
