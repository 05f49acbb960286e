package telemetry

import (
	"context"
	"time"
)

// scope names this instrumentation in what leaves.
const scope = "github.com/invochain/invochain"

type recorderKey struct{}

// NewContext puts a recorder into a context: whoever works under it records with Add and
// Observe. It takes no other wiring, and without a recorder nothing is recorded.
func NewContext(ctx context.Context, r *Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

func recorder(ctx context.Context) *Recorder {
	r, _ := ctx.Value(recorderKey{}).(*Recorder)
	return r
}

// Add counts n under a counter's labels, whose values stand in the catalogue's order.
// invoice_amount_total is counted in paise; it leaves in rupees.
func Add(ctx context.Context, counter string, n int64, values ...string) {
	recorder(ctx).add(ctx, counter, n, values)
}

// Observe records a duration; a negative one, of clocks that disagree, as none.
func Observe(ctx context.Context, histogram string, d time.Duration, values ...string) {
	recorder(ctx).observe(ctx, histogram, d, values)
}

// Set records what a gauge says now.
func Set(ctx context.Context, gauge string, v float64, values ...string) {
	recorder(ctx).set(ctx, gauge, v, values)
}

// CountHook is a hook for packages that know nothing of this one: it counts what it is
// told of as the one label of counter.
func CountHook(counter string) func(ctx context.Context, outcome string) {
	return func(ctx context.Context, outcome string) { Add(ctx, counter, 1, outcome) }
}
