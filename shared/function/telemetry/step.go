package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/invochain/invochain/shared/metric"
)

// Outcomes of a step that went well, and of one that did not.
const (
	ok     = "ok"
	failed = "failed"
)

// Step begins one attempt at a saga's step; the function that it returns ends it with
// its outcome: ok, refused or failed.
func Step(ctx context.Context, name string) (context.Context, func(outcome string)) {
	return StepSince(ctx, name, recorder(ctx).clock())
}

// StepSince is Step for one that began before it was known whose it is.
func StepSince(ctx context.Context, name string, began time.Time) (context.Context, func(outcome string)) {
	ctx, span := Span(ctx, name, trace.WithTimestamp(began))
	r := recorder(ctx)
	return ctx, func(outcome string) {
		Observe(ctx, metric.SagaStepDuration, r.clock().Sub(began), name, outcome)
		if outcome == failed {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Compensation begins one attempt at a compensation, which is a step too; the function
// that it returns ends it.
func Compensation(ctx context.Context, name string) (context.Context, func(err error)) {
	ctx, end := Step(ctx, name)
	return ctx, func(err error) {
		outcome := ok
		if err != nil {
			outcome = failed
		}
		Add(ctx, metric.SagaCompensations, 1, name, outcome)
		end(outcome)
	}
}

// clock is the recorder's; without one nobody asks what time it is.
func (r *Recorder) clock() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.now()
}
