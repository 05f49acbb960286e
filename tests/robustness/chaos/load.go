package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Shares of the requests.
const (
	inSeries = 4 // every fourth request takes its number from a series
	replays  = 5 // every fifth request is sent again after its answer
	perQueue = 6 // one message to the queue per six HTTP requests
)

// series is the series from which numbers are allocated.
const series = "CH"

// order is one requested invoice with the answers to its attempts.
type order struct {
	n        int
	key      string
	merchant string
	body     []byte
	queued   bool // sent to the requests queue, which returns no result

	mu      sync.Mutex
	answers []answer
}

// load sends orders at a constant rate (an open loop).
type load struct {
	fixture *invariants.Fixture
	clients map[string]*client.Client // by merchant

	mu     sync.Mutex
	orders []*order
	wg     sync.WaitGroup
}

// arrive sends new orders until ctx ends. An order is retried until its final answer or
// until retryCtx ends.
func (l *load) arrive(ctx, retryCtx context.Context, rate float64) {
	stack.Every(ctx, time.Duration(float64(time.Second)/rate), func() {
		o := l.next()
		l.wg.Go(func() { l.serve(retryCtx, o) })
	})
}

func (l *load) next() *order {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.orders)
	o := &order{n: n, key: client.NewKey(), merchant: l.fixture.Merchant(n), queued: n%(perQueue+1) == perQueue}
	o.body = l.fixture.Request(o.merchant, n, n/invariants.Merchants)
	if n%inSeries == 0 {
		number := fmt.Sprintf(`"invoice_number":"L-%d"`, n)
		o.body = []byte(strings.Replace(string(o.body), number, fmt.Sprintf(`"series":%q`, series), 1))
	}
	l.orders = append(l.orders, o)
	return o
}

func (l *load) serve(ctx context.Context, o *order) {
	if o.queued {
		l.enqueue(ctx, o)
		return
	}
	for attempt := 1; ; attempt++ {
		a := send(ctx, l.clients[o.merchant], o.key, o.body)
		if ctx.Err() != nil {
			return // canceled by the run, not an answer
		}
		o.add(a)
		if a.ShouldRetry() {
			pause(ctx, a.Backoff(attempt))
			continue
		}
		if a.Status == 201 && o.n%replays == 0 && !a.replayed() {
			pause(ctx, a.Backoff(1))
			continue
		}
		return
	}
}

// enqueue sends a message without the fault proxy: a client's own failure to send is not
// part of the experiment.
func (l *load) enqueue(ctx context.Context, o *order) {
	url := l.fixture.Vars(deployment.RequestsQueue)
	message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, o.key, o.body)
	began := time.Now()
	if _, err := l.fixture.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &message}); err == nil {
		o.add(answer{Reply: client.Reply{Sent: began, Took: time.Since(began), Status: 202}})
	}
}

func (o *order) add(a answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = append(o.answers, a)
}

// attempts returns a copy of the answers so far.
func (o *order) attempts() []answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]answer{}, o.answers...)
}

func (l *load) all() []*order {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*order{}, l.orders...)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
