package telemetry_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// receiver is an OTLP receiver of spans. It keeps each span once, by its id.
type receiver struct {
	mu       sync.Mutex
	mode     responseMode
	requests int
	received []*tracepb.Span
	repeated int
	service  string
}

// responseMode is how a receiver treats requests.
type responseMode struct {
	accept bool
	status int // 0: it does not respond
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.requests++
	mode := r.mode
	if mode.accept {
		r.accept(body)
	}
	r.mu.Unlock()
	if req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		panic("not an OTLP/HTTP request")
	}
	if mode.status == 0 {
		<-req.Context().Done()
		return
	}
	w.WriteHeader(mode.status)
}

func (r *receiver) accept(body []byte) {
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		panic(err)
	}
	r.service = data.ResourceSpans[0].Resource.Attributes[0].GetValue().GetStringValue()
	for _, s := range data.ResourceSpans[0].ScopeSpans[0].Spans {
		if r.has(s) {
			r.repeated++
		} else {
			r.received = append(r.received, s)
		}
	}
}

func (r *receiver) has(s *tracepb.Span) bool {
	for _, known := range r.received {
		if string(known.SpanId) == string(s.SpanId) {
			return true
		}
	}
	return false
}

func (r *receiver) respond(mode responseMode) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mode = mode
}

func (r *receiver) spans() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.received)
}

func (r *receiver) attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// otlpFixture is a recorder that sends its spans to a receiver.
type otlpFixture struct {
	fixture

	receiver *receiver
	clock    *clock
}

func setupOTLP(t *testing.T) otlpFixture {
	t.Helper()
	r := &receiver{mode: responseMode{true, http.StatusOK}}
	server := httptest.NewServer(r)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return setupSender(t, r, server.URL)
}

func setupSender(t *testing.T, r *receiver, url string) otlpFixture {
	t.Helper()
	c, out := &clock{now: realTime()()}, &writer{}
	recorder, err := telemetry.New(telemetry.Config{
		Mode: telemetry.Stdout, Out: out, OTLPEndpoint: url, Catalogue: metric.Catalogue(), Sample: 1, Now: c.Now,
	})
	require.NoError(t, err)
	return otlpFixture{fixture{recorder, telemetry.NewContext(t.Context(), recorder), out}, r, c}
}

// flushSpan records one span and flushes.
func (f otlpFixture) flushSpan() error {
	_, span := telemetry.Span(f.ctx, "work")
	span.End()
	return f.Flush(f.ctx)
}

// flushUntil advances the clock and flushes until done.
func (f otlpFixture) flushUntil(t *testing.T, done func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		f.clock.advance(time.Second)
		return f.Flush(f.ctx) == nil && done()
	}, time.Minute, 10*time.Millisecond)
}
