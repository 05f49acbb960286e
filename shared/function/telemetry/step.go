package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/invochain/invochain/shared/metric"
)

// Outcomes of a step; a caller may also pass "refused".
const (
	outcomeOK     = "ok"
	outcomeFailed = "failed"
)

// Step starts one attempt at a saga's step. The returned function ends the attempt with
// its outcome: ok, refused or failed.
func Step(ctx context.Context, name string) (context.Context, func(outcome string)) {
	return StepSince(ctx, name, recorder(ctx).clock())
}

// StepSince is Step for an attempt that started before its context was known.
func StepSince(ctx context.Context, name string, started time.Time) (context.Context, func(outcome string)) {
	ctx, span := Span(ctx, name, trace.WithTimestamp(started))
	r := recorder(ctx)
	return ctx, func(outcome string) {
		Observe(ctx, metric.SagaStepDuration, r.clock().Sub(started), name, outcome)
		if outcome == outcomeFailed {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Compensation starts one attempt at a compensation, which counts as a step too. The
// returned function ends it.
func Compensation(ctx context.Context, name string) (context.Context, func(err error)) {
	ctx, end := Step(ctx, name)
	return ctx, func(err error) {
		outcome := outcomeOK
		if err != nil {
			outcome = outcomeFailed
		}
		Add(ctx, metric.SagaCompensations, 1, name, outcome)
		end(outcome)
	}
}

// clock returns the recorder's time; the zero time without a recorder, which records none.
func (r *Recorder) clock() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.now()
}
