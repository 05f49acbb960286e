package resilience

import "context"

type once struct{}

// WithoutRetries has a call made one time, whatever its policy says of retries: a probe is
// one call.
func WithoutRetries(ctx context.Context) context.Context { return context.WithValue(ctx, once{}, true) }

// RetriesDisabled tells whether a call's context came from Once.
func RetriesDisabled(ctx context.Context) bool { return ctx.Value(once{}) != nil }
