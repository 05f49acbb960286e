package fault

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
)

// AdminPath is the path of the proxy's own resource: PUT replaces the rules (Set), GET
// returns the counts (Counts).
const AdminPath = "/_faults"

// Proxy passes calls on to the endpoint of their service, and fails some of them by rules.
type Proxy struct {
	emulator, tables *url.URL
	transport        http.RoundTripper
	contention       *conflict.Transport // nil if transactions hold no items
	pass             *httputil.ReverseProxy

	mu     sync.Mutex
	rules  []Rule
	counts map[string]int
}

// New returns a Proxy without rules. tables is the URL of DynamoDB, emulator that of all other
// services. A transaction holds its items for hold, half of it before it takes effect: a write that
// meets it is refused, and so are the writes of a partition key that has too many. If hold is 0 both
// are as the server has them.
func New(emulator, tables *url.URL, hold time.Duration) *Proxy {
	p := &Proxy{emulator: emulator, tables: tables, counts: map[string]int{}, transport: &http.Transport{
		// An idle connection is closed before the emulators close it, at 5 s, so that the proxy
		// itself loses no call.
		MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: 3 * time.Second, DisableCompression: true,
	}}
	if hold > 0 {
		p.contention = &conflict.Transport{
			Next: p.transport, Before: hold / 2, After: hold / 2, Units: conflict.PartitionUnits,
		}
		p.transport = p.contention
	}
	p.pass = &httputil.ReverseProxy{
		Transport: p.transport,
		Rewrite:   func(r *httputil.ProxyRequest) { p.direct(r.Out, identify(r.In)) },
		// The caller sees a broken connection, as it would without the proxy.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return p
}

// direct sets the endpoint of a request. The header Host stays, because it is signed.
func (p *Proxy) direct(r *http.Request, c call) {
	to := p.emulator
	if c.service == DynamoDB {
		to = p.tables
	}
	r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
}

// call is a service of AWS and the operation that a request calls.
type call struct{ service, operation string }

// identify returns the call of a request; empty if it is unknown.
func identify(r *http.Request) call {
	if strings.HasPrefix(r.URL.Path, "/2015-03-31/functions/") && strings.HasSuffix(r.URL.Path, "/invocations") {
		return call{Lambda, "Invoke"}
	}
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service := map[string]string{
		"DynamoDB_20120810": DynamoDB, "AmazonSQS": SQS, "AWSEvents": EventBridge, "AWSStepFunctions": States,
	}[target]
	return call{service, operation}
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == AdminPath {
		p.admin(w, r)
		return
	}
	c := identify(r)
	fault := p.decide(c)
	select {
	case <-time.After(time.Duration(fault.DelayMS) * time.Millisecond):
	case <-r.Context().Done(): // the caller has stopped waiting
		panic(http.ErrAbortHandler)
	}
	switch fault.Do {
	case Refuse:
		refusals()[c.service][fault.Code].write(w)
		return
	case Twice:
		p.sendFirst(r, c)
	case LoseReply:
		p.sendFirst(r, c)
		panic(http.ErrAbortHandler)
	}
	p.pass.ServeHTTP(w, r)
}

// decide draws the fault of a call and counts it.
func (p *Proxy) decide(c call) (fault Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := c.service + " " + c.operation
	for _, r := range p.rules {
		if !r.matches(c) || rand.Float64() >= r.Share {
			continue
		}
		fault.DelayMS += r.DelayMS
		if fault.Do == "" {
			fault.Do, fault.Code = r.Do, r.Code
		}
	}
	if fault.DelayMS > 0 {
		p.counts[name+" late"]++
	}
	if fault.Do != "" {
		p.counts[name+" "+fault.Do]++
	}
	return fault
}

// sendFirst sends a copy of r, discards the response and leaves r unchanged.
func (p *Proxy) sendFirst(r *http.Request, c call) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller has disconnected
	}
	first := r.Clone(r.Context())
	first.RequestURI, first.Body = "", io.NopCloser(bytes.NewReader(body))
	p.direct(first, c)
	if resp, err := p.transport.RoundTrip(first); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
}
