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
)

// AdminPath takes rules by PUT, in the place of all others, and by GET tells how often
// which call met with what, since the start.
const AdminPath = "/_faults"

// Proxy passes calls on to where their service is.
type Proxy struct {
	emulator, tables *url.URL
	transport        http.RoundTripper
	pass             *httputil.ReverseProxy

	mu     sync.Mutex
	rules  []Rule
	counts map[string]int
}

// New returns a Proxy without rules. tables is where DynamoDB is.
func New(emulator, tables *url.URL) *Proxy {
	p := &Proxy{emulator: emulator, tables: tables, counts: map[string]int{}, transport: &http.Transport{
		// What is idle is closed before the emulators close it, at 5 s: no call is lost by us.
		MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: 3 * time.Second, DisableCompression: true,
	}}
	p.pass = &httputil.ReverseProxy{
		Transport: p.transport,
		Rewrite:   func(r *httputil.ProxyRequest) { p.direct(r.Out, identify(r.In)) },
		// As the caller would see it without us.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return p
}

// direct points a request at where its service is. Its Host stays: it is signed.
func (p *Proxy) direct(r *http.Request, c call) {
	to := p.emulator
	if c.service == DynamoDB {
		to = p.tables
	}
	r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
}

// call is what a request asks of AWS.
type call struct{ service, operation string }

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
	fate := p.decide(c)
	select {
	case <-time.After(time.Duration(fate.DelayMS) * time.Millisecond):
	case <-r.Context().Done(): // the caller has given up: it does not arrive
		panic(http.ErrAbortHandler)
	}
	switch fate.Do {
	case Refuse:
		refusals()[c.service][fate.Code].write(w)
		return
	case Twice:
		p.sendFirst(r, c)
	case LoseReply:
		p.sendFirst(r, c)
		panic(http.ErrAbortHandler)
	}
	p.pass.ServeHTTP(w, r)
}

// decide draws what becomes of a call, and counts it.
func (p *Proxy) decide(c call) (fate Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := c.service + " " + c.operation
	for _, r := range p.rules {
		if !r.fits(c) || rand.Float64() >= r.Share {
			continue
		}
		fate.DelayMS += r.DelayMS
		if fate.Do == "" {
			fate.Do, fate.Code = r.Do, r.Code
		}
	}
	if fate.DelayMS > 0 {
		p.counts[name+" late"]++
	}
	if fate.Do != "" {
		p.counts[name+" "+fate.Do]++
	}
	return fate
}

// sendFirst makes a call whose answer nobody sees, and leaves r as it came.
func (p *Proxy) sendFirst(r *http.Request, c call) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller has gone
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
