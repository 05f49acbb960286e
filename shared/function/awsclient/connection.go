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

// connCounter counts the open connections that have carried a call to DynamoDB.
type connCounter struct{ open atomic.Int64 }

// conn is a connection that its counter can count.
type conn struct {
	net.Conn
	counter *connCounter

	mu              sync.Mutex
	counted, closed bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.counted && !c.closed {
		c.counter.open.Add(-1)
	}
	c.closed = true
	c.mu.Unlock()
	return c.Conn.Close()
}

func (c *conn) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.counted && !c.closed {
		c.counted = true
		c.counter.open.Add(1)
	}
}

// wrapDialer makes the transports of cfg dial connections that can be counted.
func (cc *connCounter) wrapDialer(cfg *aws.Config) {
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
			return &conn{Conn: c, counter: cc}, nil
		}
	})
}

// trace returns a context under which the connection of each call is counted.
func (cc *connCounter) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		plain := got.Conn
		if secure, ok := plain.(interface{ NetConn() net.Conn }); ok { // *tls.Conn
			plain = secure.NetConn()
		}
		if c, ok := plain.(*conn); ok {
			c.count()
		}
	}})
}
