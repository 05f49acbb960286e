package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

type (
	auditLog interface {
		Size(ctx context.Context) (int64, error)
		Range(ctx context.Context, from, to int64) ([][]byte, error)
	}
	stock interface {
		Unsettled(ctx context.Context, sagaIDs []string) ([]string, error)
		ConfirmAll(ctx context.Context, sagaIDs []string) []batch.Result[struct{}]
		Checked(ctx context.Context) (int64, error)
		SetChecked(ctx context.Context, from, to int64) error
	}
)

type handler struct {
	audit auditLog
	stock stock
	now   func() time.Time
	log   *slog.Logger
}

const (
	// settled is the age at which an invoice's event must have booked its sale. Until then its
	// message may be on its way, and be tried again.
	settled = time.Hour
	// chunk is the number of entries that are checked together.
	chunk = 500
	// reserve is the time that a chunk may need: none is started with less time left.
	reserve = 10 * time.Second
)

// done is the result of a run.
type done struct {
	Checked   int64 `json:"checked"`   // the place up to which all sales are booked
	Confirmed int   `json:"confirmed"` // sales that no event had booked
	Failed    int   `json:"failed"`    // those that cannot be: the stock contradicts the invoice
}

// handle checks the invoices of the audit log from where the last run ended, until one is younger
// than settled, or the time is up. Another run at the same time does no harm: a sale is booked once.
func (h handler) handle(ctx context.Context) (done, error) {
	from, err := h.stock.Checked(ctx)
	if err != nil {
		return done{}, err
	}
	size, err := h.audit.Size(ctx)
	if err != nil {
		return done{}, err
	}
	total := done{Checked: from}
	for from < size && hasTime(ctx) {
		to, err := h.check(ctx, from, min(size, from+chunk), &total)
		if err != nil {
			return total, err
		}
		if to == from {
			break
		}
		err = h.stock.SetChecked(ctx, from, to)
		if errors.Is(err, inventory.ErrMoved) {
			break
		}
		if err != nil {
			return total, err
		}
		from, total.Checked = to, to
	}
	h.log.InfoContext(ctx, "sales checked", slog.Int64("checked", total.Checked),
		slog.Int("confirmed", total.Confirmed), slog.Int("failed", total.Failed))
	return total, nil
}

func hasTime(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > reserve
}

// check books the sales of the entries with places from, inclusive, to to, exclusive, as far as they
// are old enough, and returns up to which place they are.
func (h handler) check(ctx context.Context, from, to int64, total *done) (int64, error) {
	entries, err := h.audit.Range(ctx, from, to)
	if err != nil {
		return from, err
	}
	var sagas []string
	checked := from
	for _, data := range entries {
		e, err := audit.Decode(data)
		if err != nil {
			return from, err
		}
		if h.now().Sub(time.UnixMilli(e.At)) < settled {
			break
		}
		checked++
		if e.Action == events.InvoiceCreated {
			sagas = append(sagas, e.ID)
		}
	}
	unsettled, err := h.stock.Unsettled(ctx, sagas)
	if err != nil {
		return from, err
	}
	for some := range slices.Chunk(unsettled, inventory.MaxConfirm) {
		for i, r := range h.stock.ConfirmAll(ctx, some) {
			err = errors.Join(err, h.record(ctx, some[i], r.Err, total))
		}
		if err != nil {
			return from, err
		}
	}
	return checked, nil
}

// record counts a sale that was booked, or not. What contradicts it is left to a person, so that it stops
// no other. It returns any other error, which ends the run: the next one tries again.
func (h handler) record(ctx context.Context, sagaID string, err error, total *done) error {
	id := slog.String(telemetry.SagaID, sagaID)
	if known, ok := errors.AsType[*problem.Error](err); ok && known.Kind == problem.Internal {
		total.Failed++
		telemetry.Add(ctx, metric.LateSales, 1, "failed")
		h.log.ErrorContext(ctx, "sale not booked", id, slog.String("code", known.Code), slog.String("error", err.Error()))
		return nil
	}
	if err != nil {
		return err
	}
	total.Confirmed++
	telemetry.Add(ctx, metric.LateSales, 1, "confirmed")
	h.log.WarnContext(ctx, "sale booked without its event", id)
	return nil
}
