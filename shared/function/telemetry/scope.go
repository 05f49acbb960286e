package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync"
)

// scope of the log: what is known of the work that a context is for.
type logScope struct {
	mu    sync.Mutex
	attrs []slog.Attr
}

type logScopeKey struct{}

// WithScope begins a piece of work, such as an invocation or one message of a batch: its log
// lines carry attrs, those of the work around it, and what Note adds.
func WithScope(ctx context.Context, more ...slog.Attr) context.Context {
	return context.WithValue(ctx, logScopeKey{}, &logScope{attrs: slices.Concat(attrs(ctx), more)})
}

// AddAttrs adds what has become known of the work: from now on all its lines carry it, also
// those of whoever began it. An attribute of the same name is replaced.
func AddAttrs(ctx context.Context, more ...slog.Attr) {
	s, there := ctx.Value(logScopeKey{}).(*logScope)
	if !there {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range more {
		same := func(b slog.Attr) bool { return a.Key == b.Key }
		s.attrs = append(slices.DeleteFunc(slices.Clone(s.attrs), same), a)
	}
}

// Saga notes which saga, and whose, the work is for. Empty ones are left out.
func Saga(ctx context.Context, sagaID, merchantID string) {
	if sagaID != "" {
		AddAttrs(ctx, slog.String(SagaID, sagaID))
	}
	if merchantID != "" {
		AddAttrs(ctx, slog.String(MerchantID, merchantID))
	}
}

func attrs(ctx context.Context) []slog.Attr {
	s, there := ctx.Value(logScopeKey{}).(*logScope)
	if !there {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.attrs)
}
