package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync"
)

// logScope holds the log attributes of one piece of work.
type logScope struct {
	mu    sync.Mutex
	attrs []slog.Attr
}

type logScopeKey struct{}

// WithScope returns a context for a piece of work, such as an invocation or one message of
// a batch. Its log lines carry the attributes of the surrounding scope, more, and those
// that AddAttrs adds later.
func WithScope(ctx context.Context, more ...slog.Attr) context.Context {
	return context.WithValue(ctx, logScopeKey{}, &logScope{attrs: slices.Concat(attrs(ctx), more)})
}

// AddAttrs adds attributes to the scope of ctx: all its later log lines carry them, also
// those under the context that WithScope returned. An attribute replaces one of the same
// name.
func AddAttrs(ctx context.Context, more ...slog.Attr) {
	s, ok := ctx.Value(logScopeKey{}).(*logScope)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range more {
		same := func(b slog.Attr) bool { return a.Key == b.Key }
		s.attrs = append(slices.DeleteFunc(slices.Clone(s.attrs), same), a)
	}
}

// Saga adds the ids of the saga and its merchant to the scope of ctx. It ignores an empty
// id.
func Saga(ctx context.Context, sagaID, merchantID string) {
	if sagaID != "" {
		AddAttrs(ctx, slog.String(SagaID, sagaID))
	}
	if merchantID != "" {
		AddAttrs(ctx, slog.String(MerchantID, merchantID))
	}
}

func attrs(ctx context.Context) []slog.Attr {
	s, ok := ctx.Value(logScopeKey{}).(*logScope)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.attrs)
}
