package awsclient_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/awsclient"
)

// paused is the context of a process whose timers have not run since it was paused: its deadline
// passes, and it does not end.
type paused struct {
	context.Context

	deadline time.Time
}

func (p paused) Deadline() (time.Time, bool) { return p.deadline, true }

// TestAPausedProcessSendsNothingAfterItsDeadline: it is paused before or after it signs a request.
func TestAPausedProcessSendsNothingAfterItsDeadline(t *testing.T) {
	for name, position := range map[string]middleware.RelativePosition{
		"before it signs": middleware.Before, "after it signed": middleware.After,
	} {
		t.Run(name, func(t *testing.T) {
			f := setup(t, succeed)
			cfg := f.load(t, awsclient.Options{})
			pause := func(
				ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
			) (middleware.FinalizeOutput, middleware.Metadata, error) {
				deadline, _ := ctx.Deadline()
				time.Sleep(time.Until(deadline)) //nolint:forbidigo // the process is paused
				return next.HandleFinalize(ctx, in)
			}
			cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
				return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("pause", pause), "Signing", position)
			})
			ctx := paused{t.Context(), time.Now().Add(50 * time.Millisecond)} //nolint:forbidigo // real time
			require.ErrorIs(t, list(ctx, cfg), context.DeadlineExceeded)
			require.NoError(t, ctx.Err())
			require.Zero(t, f.requests.Load())
		})
	}
}
