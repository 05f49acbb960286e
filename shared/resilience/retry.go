package resilience

import "context"

type withoutRetriesKey struct{}

// WithoutRetries returns a context under which a call is attempted once, whatever the
// policy allows, as a probe must be.
func WithoutRetries(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutRetriesKey{}, true)
}

// RetriesDisabled reports whether ctx was derived from a context of WithoutRetries.
func RetriesDisabled(ctx context.Context) bool { return ctx.Value(withoutRetriesKey{}) != nil }
