// Package telemetry lets a running function be seen: one JSON line an event,
// carrying the identifiers that join it to its saga, and no personal data.
package telemetry

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Names of the attributes that join a line to a saga, a merchant and a request.
const (
	SagaID     = "saga_id"
	MerchantID = "merchant_id"
	RequestID  = "request_id"
)

// Logger writes JSON lines to w at level debug, info, warn or error; an
// unknown level means info. Each line of a Lambda invocation names the invocation,
// which tells retries of one request apart.
func Logger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(withRequest{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})})
}

type withRequest struct{ slog.Handler }

// Handle adds the invocation to the record, so that its retries can be told apart.
func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("invocation_id", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the invocation on derived loggers.
func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the invocation on derived loggers.
func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}
