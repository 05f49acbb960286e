package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Shares of the requests.
const (
	inSeries = 4 // each fourth takes its number from a series
	replays  = 5 // each fifth is sent once more after its answer
	perQueue = 6 // for each so many at the HTTP door, one at the queue door
)

// series that numbers are allocated from.
const series = "CH"

// order is an invoice that somebody wants.
type order struct {
	n        int
	key      string
	merchant string
	body     []byte
	queued   bool // at the queue door, which answers nothing

	mu      sync.Mutex
	answers []answer
}

// load sends orders at a constant rate, whatever becomes of those before.
type load struct {
	w      *invariants.World
	client client

	mu     sync.Mutex
	orders []*order
	wg     sync.WaitGroup
}

// arrive sends new orders until ctx ends; each goes on until it is answered for good, or
// until patience ends.
func (l *load) arrive(ctx, patience context.Context, rate float64) {
	stack.Every(ctx, time.Duration(float64(time.Second)/rate), func() {
		o := l.next()
		l.wg.Go(func() { l.serve(patience, o) })
	})
}

func (l *load) next() *order {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.orders)
	o := &order{n: n, key: stack.NewKey(), merchant: l.w.Merchant(n), queued: n%(perQueue+1) == perQueue}
	o.body = l.w.Request(o.merchant, n, n/invariants.Merchants)
	if n%inSeries == 0 {
		o.body = []byte(strings.Replace(string(o.body), fmt.Sprintf(`"invoice_number":"L-%d"`, n), fmt.Sprintf(`"series":%q`, series), 1))
	}
	l.orders = append(l.orders, o)
	return o
}

func (l *load) serve(ctx context.Context, o *order) {
	if o.queued {
		l.enqueue(ctx, o)
		return
	}
	for attempts := 0; ; attempts++ {
		a := l.client.send(ctx, o.key, o.body)
		if ctx.Err() != nil {
			return // broken off by us
		}
		o.add(a)
		if a.again() {
			pause(ctx, a.wait(attempts))
			continue
		}
		if a.Status == 201 && o.n%replays == 0 && !a.replayed() {
			pause(ctx, a.wait(1))
			continue
		}
		return
	}
}

// enqueue sends directly: what a client of the queue cannot send is no fault of ours.
func (l *load) enqueue(ctx context.Context, o *order) {
	url := l.w.Vars("INVOCHAIN_REQUESTS_QUEUE_URL")
	message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, o.key, o.body)
	began := time.Now()
	if _, err := l.w.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &message}); err == nil {
		o.add(answer{Attempt: stack.Attempt{At: began, Took: time.Since(began), Status: 202}})
	}
}

func (o *order) add(a answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = append(o.answers, a)
}

// seen is a copy of the answers so far.
func (o *order) seen() []answer {
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
