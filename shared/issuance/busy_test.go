package issuance_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
)

var seconds = flag.Int("seconds", 2, "how long TestABusySeries sends") //nolint:gochecknoglobals // a test's flag

// held is how long a transaction holds its items, besides the call of DynamoDB Local.
const held = 25 * time.Millisecond

// instances are issuers of the same tables, as the instances of a function have them. Their writes
// meet transactions.
type instances struct {
	all       []*fixture
	transport *conflict.Transport
	commits   *stopwatch
}

func (f *fixture) instances(t *testing.T, n int) instances {
	t.Helper()
	client, transport := dynamotest.ConflictingClient(t, held/2, held/2)
	in := instances{transport: transport, commits: &stopwatch{next: transport.Next}}
	transport.Next = in.commits
	for range n {
		one := &fixture{tables: f.tables}
		one.connect(client)
		one.issuer.Limits = issuance.DefaultLimits()
		one.issuer.Limits.Request = time.Minute // on a busy machine
		in.all = append(in.all, one)
	}
	return in
}

// stopwatch measures the transactions that DynamoDB Local is sent.
type stopwatch struct {
	next  http.RoundTripper
	mu    sync.Mutex
	calls int
	took  time.Duration
}

func (s *stopwatch) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems") {
		return s.next.RoundTrip(r)
	}
	started := time.Now() //nolint:forbidigo // real time
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls++
		s.took += time.Since(started)
	}()
	return s.next.RoundTrip(r)
}

// mean returns how long a transaction held its items.
func (s *stopwatch) mean() time.Duration { return held + s.took/time.Duration(max(1, s.calls)) }

// message is one of a queue.
type message struct {
	n    int
	req  gst.Request
	sent time.Time
}

// queueDoor delivers messages to instances, in batches that an instance handles concurrently.
type queueDoor struct {
	messages chan message
	window   time.Duration // that a batch is gathered for
	pollers  chan struct{} // that gather a batch; a mutex would stop a bubble's clock
	mu       sync.Mutex
	took     []time.Duration
	numbers  []string
}

func newQueueDoor(n int, window time.Duration, pollers int) *queueDoor {
	return &queueDoor{messages: make(chan message, n), window: window, pollers: make(chan struct{}, pollers)}
}

// open delivers until the messages end.
func (q *queueDoor) open(t *testing.T, to []*fixture) {
	t.Helper()
	var wg sync.WaitGroup
	for _, f := range to {
		wg.Go(func() {
			for batch := q.batch(); len(batch) > 0; batch = q.batch() {
				q.handle(t, f, batch)
			}
		})
	}
	wg.Wait()
	slices.Sort(q.numbers)
	slices.Sort(q.took)
}

// batch gathers a batch of up to 25.
func (q *queueDoor) batch() (batch []message) {
	q.pollers <- struct{}{}
	defer func() { <-q.pollers }()
	first, more := <-q.messages
	if !more {
		return nil
	}
	batch = []message{first}
	for timeout := time.After(q.window); len(batch) < 25; {
		select {
		case m, more := <-q.messages:
			if !more {
				return batch
			}
			batch = append(batch, m)
		case <-timeout:
			return batch
		}
	}
	return batch
}

func (q *queueDoor) handle(t *testing.T, f *fixture, batch []message) {
	t.Helper()
	var wg sync.WaitGroup
	for _, m := range batch {
		wg.Go(func() {
			r, err := f.issue(t.Context(), key(m.n), m.req)
			var inv gst.Invoice
			if !assert.NoError(t, err) || !assert.NoError(t, json.Unmarshal(r.Body, &inv)) {
				return
			}
			q.mu.Lock()
			defer q.mu.Unlock()
			q.took = append(q.took, time.Since(m.sent))
			q.numbers = append(q.numbers, inv.InvoiceNumber)
		})
	}
	wg.Wait()
}

// send sends n messages, per second so many.
func (q *queueDoor) send(n, perSecond int, req gst.Request) {
	defer close(q.messages)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for i := range n {
		q.messages <- message{i, req, <-tick.C}
	}
}

// TestABusySeries: a queue with 300 invoices a second of one series, all of which are issued. Another merchant
// meets nothing of it. How fast depends on the machine: tests/performance/contention measures that.
func TestABusySeries(t *testing.T) {
	t.Parallel()
	const perSecond = 300
	n := perSecond * *seconds
	f := setup(t)
	in := f.instances(t, 11)
	q := newQueueDoor(n, 200*time.Millisecond, 1)
	go q.send(n, perSecond, request(t, "", "", 1))
	served := make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() { in.all[10].sell(t, served) })
	started := time.Now() //nolint:forbidigo // real time
	q.open(t, in.all[:10])
	rate := float64(n) / time.Since(started).Seconds()
	close(served)
	other.Wait()
	t.Logf("%.0f/s, half of them within %s, 95 %% within %s; %d transactions, each %s; %d conflicts", rate,
		q.took[len(q.took)/2], q.took[len(q.took)*95/100], in.commits.calls, in.commits.mean(), in.transport.Conflicts())
	require.Len(t, q.took, n)
	for i, number := range q.numbers {
		require.Equal(t, fmt.Sprintf("S/2526/%04d", i+1), number, "no gap, none twice")
	}
}

// sell issues invoices of another merchant one after the other. Each takes a claim and one transaction,
// and the first one a read of the series.
func (f *fixture) sell(t *testing.T, until <-chan struct{}) {
	t.Helper()
	req := request(t, "", "", 1)
	req.SellerMerchantID = "merchant-2"
	for n := 1; ; n++ {
		_, err := f.issue(t.Context(), idempotency.Key{Scope: req.SellerMerchantID, ID: key(n).ID}, req)
		assert.NoError(t, err)
		select {
		case <-until:
			assert.Len(t, f.db.Calls(), 1+2*n)
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}
