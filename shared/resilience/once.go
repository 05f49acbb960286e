package resilience

import "context"

type once struct{}

// Once has a call made one time, whatever its policy says of retries: a probe is
// one call.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, once{}, true) }

// IsOnce tells whether a call's context came from Once.
func IsOnce(ctx context.Context) bool { return ctx.Value(once{}) != nil }
