package telemetry

import (
	"context"
	"time"
)

// scope is the name of this instrumentation in exported records.
const scope = "github.com/invochain/invochain"

type recorderKey struct{}

// NewContext returns a context under which Add, Observe, Set, Step and Span record to r.
// Under a context without a recorder they do nothing.
func NewContext(ctx context.Context, r *Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

func recorder(ctx context.Context) *Recorder {
	r, _ := ctx.Value(recorderKey{}).(*Recorder)
	return r
}

// Add adds n to a counter. The label values are in the catalogue's order.
// invoice_amount_total is counted in paise and exported in rupees.
func Add(ctx context.Context, counter string, n int64, values ...string) {
	recorder(ctx).add(ctx, counter, n, values)
}

// Observe records a duration. A negative one, which clocks that disagree can produce,
// counts as zero.
func Observe(ctx context.Context, histogram string, d time.Duration, values ...string) {
	recorder(ctx).observe(ctx, histogram, d, values)
}

// Set records the current value of a gauge.
func Set(ctx context.Context, gauge string, v float64, values ...string) {
	recorder(ctx).set(ctx, gauge, v, values)
}

// Flush sends what was recorded so far, see Recorder.Flush. A function calls it only for what must be
// known even if the invocation does not end: its frame flushes at the end.
func Flush(ctx context.Context) error { return recorder(ctx).Flush(ctx) }

// CountHook returns a hook that adds 1 to counter under the one label value that it gets.
// Packages that do not import telemetry take such a hook in their Config.
func CountHook(counter string) func(ctx context.Context, value string) {
	return func(ctx context.Context, value string) { Add(ctx, counter, 1, value) }
}
