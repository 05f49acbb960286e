package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/function"
)

type handler struct {
	rotateKeys       func(context.Context) (signing.Rotation, error)
	rotateCredential func(context.Context, credential.Event) error
	log              *slog.Logger
}

// handle rotates the operator's credential if the event is one of Secrets Manager, else the keys.
func (h handler) handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var e credential.Event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, function.Failure(fmt.Errorf("decode the event: %w", err))
	}
	if e != (credential.Event{}) {
		return nil, h.doStep(ctx, e)
	}
	done, err := h.rotateKeys(ctx)
	if err != nil {
		h.log.ErrorContext(ctx, "rotate keys failed", slog.String("error", err.Error()))
		return nil, err
	}
	h.log.InfoContext(ctx, "keys rotated", slog.String("created", done.Created), slog.Any("removed", done.Removed))
	return done, nil
}

func (h handler) doStep(ctx context.Context, e credential.Event) error {
	log := h.log.With(slog.String("step", e.Step), slog.String("version", e.Version))
	if err := h.rotateCredential(ctx, e); err != nil {
		log.ErrorContext(ctx, "rotate the operator's credential failed", slog.String("error", err.Error()))
		return err
	}
	log.InfoContext(ctx, "step of the operator's credential done")
	return nil
}
