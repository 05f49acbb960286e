package main

import (
	"context"
	"log/slog"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
)

// acts record administrative acts in the audit log, by its queue.
type acts struct {
	queue interface {
		Send(ctx context.Context, group string, m any) error
	}
	log *slog.Logger
}

// Record implements the acts of package erasure.
func (a acts) Record(ctx context.Context, act events.Act) error {
	if err := a.queue.Send(ctx, act.MerchantID, events.AuditRequest{Act: &act}); err != nil {
		return err
	}
	caller.LogAct(ctx, a.log, act.Action, act.Subject, act.Reason)
	return nil
}
