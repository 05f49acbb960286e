package caller

import (
	"context"
	"log/slog"
)

// LogAct logs an administrative act of the caller: what was done, the id of its object, and why,
// if that was said.
func LogAct(ctx context.Context, log *slog.Logger, act, object, reason string) {
	log.InfoContext(ctx, "administrative act", slog.String("act", act), slog.String("object", object),
		slog.String("actor", From(ctx).Client), slog.String("why", reason))
}
