package awsclient

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// connCounter counts the open connections that have carried a DynamoDB call.
type connCounter struct{ open atomic.Int64 }

// conn is a connection that knows when it is closed.
type conn struct {
	net.Conn
	all *connCounter

	mu             sync.Mutex
	marked, closed bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.marked && !c.closed {
		c.all.open.Add(-1)
	}
	c.closed = true
	c.mu.Unlock()
	return c.Conn.Close()
}

func (c *conn) mark() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.marked && !c.closed {
		c.marked = true
		c.all.open.Add(1)
	}
}

// dial has the transport of cfg make connections that can be counted.
func (s *connCounter) dial(cfg *aws.Config) {
	clients, ok := cfg.HTTPClient.(transports)
	if !ok {
		return
	}
	cfg.HTTPClient = clients.with(func(t *http.Transport) {
		dial := t.DialContext
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &conn{Conn: c, all: s}, nil
		}
	})
}

// watch marks the connections that carry the calls made under the context.
func (s *connCounter) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		plain := got.Conn
		if secured, ok := plain.(interface{ NetConn() net.Conn }); ok { // *tls.Conn
			plain = secured.NetConn()
		}
		if c, ok := plain.(*conn); ok {
			c.mark()
		}
	}})
}
