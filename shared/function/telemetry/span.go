package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// spanLine is a span as a JSON line.
type spanLine struct {
	Name       string            `json:"span"`
	Kind       string            `json:"kind"`
	TraceID    string            `json:"trace_id"`
	SpanID     string            `json:"span_id"`
	Parent     string            `json:"parent,omitempty"` // a span id
	Links      []spanLink        `json:"links,omitempty"`
	Start      time.Time         `json:"start"`
	End        time.Time         `json:"end"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Status     string            `json:"status"` // ok or error
}

type spanLink struct {
	TraceID string `json:"trace_id"`
	SpanID  string `json:"span_id"`
}

func newSpanLine(s sdktrace.ReadOnlySpan) spanLine {
	l := spanLine{
		Name: s.Name(), Kind: s.SpanKind().String(),
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(),
		Start: s.StartTime().UTC(), End: s.EndTime().UTC(), Status: "ok", Attributes: map[string]string{},
	}
	if s.Status().Code == codes.Error {
		l.Status = "error"
	}
	if s.Parent().HasSpanID() {
		l.Parent = s.Parent().SpanID().String()
	}
	for _, link := range s.Links() {
		l.Links = append(l.Links, spanLink{link.SpanContext.TraceID().String(), link.SpanContext.SpanID().String()})
	}
	for _, kv := range s.Attributes() {
		l.Attributes[string(kv.Key)] = kv.Value.String()
	}
	return l
}
