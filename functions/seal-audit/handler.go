package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

type sealer interface {
	Seal(ctx context.Context) (seal.Sealed, error)
}

type handler struct {
	open func(context.Context) (sealer, error)
	log  *slog.Logger
}

// reserve is the time that one call of Seal may need: none is started with less time left.
const reserve = 20 * time.Second

// done is the result of a run.
type done struct {
	Size    int64 `json:"size"`    // of the log that is signed
	Entries int64 `json:"entries"` // that this run added to it
}

// handle seals until nothing is left, or until its time is. Another run at the same time does no harm:
// each checkpoint replaces the one that it was made from.
func (h handler) handle(ctx context.Context) (any, error) {
	log, err := h.open(ctx)
	if err != nil {
		return nil, h.failed(ctx, err)
	}
	var total done
	for {
		s, err := log.Seal(ctx)
		if errors.Is(err, audit.ErrMoved) {
			telemetry.Add(ctx, metric.AuditSeals, 1, "moved")
			return total, nil
		}
		if err != nil {
			return nil, h.failed(ctx, err)
		}
		total.Size, total.Entries = s.Size, total.Entries+s.Entries
		if deadline, bounded := ctx.Deadline(); s.Entries == 0 || bounded && time.Until(deadline) < reserve {
			telemetry.Add(ctx, metric.AuditSeals, 1, "ok")
			h.log.InfoContext(ctx, "audit log sealed", slog.Int64("size", total.Size), slog.Int64("entries", total.Entries))
			return total, nil
		}
	}
}

// failed records why nothing was sealed. An alteration raises an alarm of its own.
func (h handler) failed(ctx context.Context, err error) error {
	outcome := "failed"
	if _, altered := errors.AsType[*seal.AlteredError](err); altered {
		outcome = "altered"
	}
	telemetry.Add(ctx, metric.AuditSeals, 1, outcome)
	h.log.ErrorContext(ctx, "audit log not sealed", slog.String("outcome", outcome), slog.String("error", err.Error()))
	return err
}
