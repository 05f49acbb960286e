package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	bundleSize = 10                   // the most that SQS takes in a call
	bundleWait = 2 * time.Millisecond // for others that are about to send
)

// Bulk is the part of the SQS client that a Bundle calls.
type Bulk interface {
	Sender
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Bundle is an outbox that many send to side by side, such as the messages of one
// batch: what is sent within 2 ms goes out in one call, of at most ten. Each sender
// waits for its own message, and has its own error.
type Bundle struct {
	box  Outbox
	bulk Bulk

	mu   sync.Mutex
	open *bundle // what is being gathered; nil for nothing
}

// bundle is one call. Its senders share its fate, but for messages that SQS refuses.
type bundle struct {
	ctx     context.Context //nolint:containedctx // of the call that the senders share
	cancel  context.CancelFunc
	waiting int // senders that have not turned away
	full    chan struct{}
	done    chan struct{}
	entries []types.SendMessageBatchRequestEntry
	failed  map[string]error // by the entry's id
}

// NewBundle gathers what is sent to box, by client.
func NewBundle(client Bulk, box Outbox) *Bundle {
	box.SQS = client
	return &Bundle{box: box, bulk: client}
}

// Send sends m. The message may arrive twice even when Send fails.
func (b *Bundle) Send(ctx context.Context, m any) error {
	in, err := b.box.input(ctx, m)
	if err != nil {
		return err
	}
	g, id := b.join(ctx, in)
	select {
	case <-g.done:
		return g.failed[id]
	case <-ctx.Done():
		b.leave(g)
		return fmt.Errorf("send to a queue: %w", ctx.Err())
	}
}

// join adds a message to the open bundle; the first one opens it.
func (b *Bundle) join(ctx context.Context, in *sqs.SendMessageInput) (g *bundle, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx))
		b.open = &bundle{ctx: shared, cancel: cancel, full: make(chan struct{}), done: make(chan struct{}), failed: map[string]error{}}
		go b.send(b.open)
	}
	g, id = b.open, strconv.Itoa(len(b.open.entries))
	g.waiting++
	g.entries = append(g.entries, types.SendMessageBatchRequestEntry{
		Id: &id, MessageBody: in.MessageBody, DelaySeconds: in.DelaySeconds, MessageAttributes: in.MessageAttributes,
	})
	if len(g.entries) == bundleSize {
		close(g.full)
		b.open = nil
	}
	return g, id
}

// leave ends the call once nobody waits for it any more.
func (b *Bundle) leave(g *bundle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g.waiting--; g.waiting == 0 {
		g.cancel()
	}
}

// send closes a bundle when it is full or its time is over, and sends it.
func (b *Bundle) send(g *bundle) {
	defer g.cancel()
	defer close(g.done)
	late := time.NewTimer(bundleWait)
	defer late.Stop()
	select {
	case <-g.full:
	case <-late.C:
	}
	b.mu.Lock()
	if b.open == g {
		b.open = nil
	}
	b.mu.Unlock()
	out, err := b.bulk.SendMessageBatch(g.ctx, &sqs.SendMessageBatchInput{QueueUrl: &b.box.URL, Entries: g.entries})
	if err != nil {
		for _, e := range g.entries {
			g.failed[*e.Id] = fmt.Errorf("send to a queue: %w", err)
		}
		return
	}
	for _, f := range out.Failed {
		g.failed[*f.Id] = fmt.Errorf("send to a queue: %w", errors.New(aws.ToString(f.Message)))
	}
}
