package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// spanText is a span as a line has it.
type spanText struct {
	Span       string            `json:"span"` // its name
	Kind       string            `json:"kind"`
	TraceID    string            `json:"trace_id"`
	SpanID     string            `json:"span_id"`
	Parent     string            `json:"parent,omitempty"`
	Links      []linkText        `json:"links,omitempty"`
	Start      time.Time         `json:"start"`
	End        time.Time         `json:"end"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Status     string            `json:"status"`
}

type linkText struct {
	TraceID string `json:"trace_id"`
	SpanID  string `json:"span_id"`
}

func spanLine(s sdktrace.ReadOnlySpan) spanText {
	t := spanText{
		Span: s.Name(), Kind: s.SpanKind().String(), TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(),
		Start: s.StartTime().UTC(), End: s.EndTime().UTC(), Status: "ok", Attributes: map[string]string{},
	}
	if s.Status().Code == codes.Error {
		t.Status = "error"
	}
	if s.Parent().HasSpanID() {
		t.Parent = s.Parent().SpanID().String()
	}
	for _, l := range s.Links() {
		t.Links = append(t.Links, linkText{l.SpanContext.TraceID().String(), l.SpanContext.SpanID().String()})
	}
	for _, kv := range s.Attributes() {
		t.Attributes[string(kv.Key)] = kv.Value.String()
	}
	return t
}
