package operations

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

	"github.com/invochain/invochain/shared/batch"
)

const (
	// drainWorkers is how many batches of a dead letter queue are handled concurrently: with 50 ms
	// for a call, some 800 messages a second.
	drainWorkers = 16
	// maxFailures ends an act on many messages that fails for each.
	maxFailures = 10
	// maxArrivals ends an act whose messages are dead-lettered again as fast as it handles them.
	maxArrivals = 1000
)

// errArrivals is the end of a drain that more than maxArrivals messages came into.
var errArrivals = errors.New(strconv.Itoa(maxArrivals) + " dead letters arrived since this command began: " +
	"repair what makes them fail, then run it again")

// drain is an act on all messages that a dead letter queue holds when it begins. It holds none in
// memory but those that it handles.
type drain struct {
	*System

	q      Queue
	began  time.Time
	handle func(types.Message) error

	mu       sync.Mutex
	held     map[string]*string // receipt handles of messages that are not deleted, by id
	arrivals int
	failed   []error
}

// drain calls handle, concurrently, for each message that was dead-lettered before now. Those that
// arrive later stay, so that a redrive ends although its messages fail again. At its end it makes the
// messages that stay visible again.
func (s *System) drain(ctx context.Context, q Queue, handle func(types.Message) error) error {
	d := &drain{System: s, q: q, began: s.Now(), handle: handle, held: map[string]*string{}}
	defer func() { s.release(ctx, q, d.held) }()
	workers := drainWorkers
	if q.isCompensation() {
		workers = 1 // each starts an execution: Step Functions starts few a second
	}
	batch.Each(workers, workers, func(int) { d.work(ctx) })
	if d.arrivals >= maxArrivals {
		d.failed = append(d.failed, errArrivals)
	}
	return errors.Join(append(d.failed, ctx.Err())...)
}

// work handles batches until there is none, or only messages that stay.
func (d *drain) work(ctx context.Context) {
	for ctx.Err() == nil && d.continues() {
		messages, err := d.receive(ctx, d.q)
		if err != nil {
			d.fail(err)
			return
		}
		old, fresh := d.hold(messages)
		if !fresh {
			return
		}
		batch.Each(len(old), len(old), func(i int) { d.finish(old[i], d.handle(old[i])) })
	}
}

func (d *drain) continues() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.failed) < maxFailures && d.arrivals < maxArrivals
}

// hold notes received messages. It returns those that were there when the drain began, and whether
// any is new to it.
func (d *drain) hold(messages []types.Message) (old []types.Message, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range messages {
		_, again := d.held[*m.MessageId]
		d.held[*m.MessageId] = m.ReceiptHandle
		fresh = fresh || !again
		if sentAt(m).Before(d.began) {
			old = append(old, m)
		} else if !again {
			d.arrivals++
		}
	}
	return old, fresh
}

func (d *drain) finish(m types.Message, err error) {
	if err != nil {
		d.fail(err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.held, *m.MessageId)
}

// fail keeps the first errors; the others are of the same kind.
func (d *drain) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.failed) < maxFailures {
		d.failed = append(d.failed, err)
	}
}

// Count returns about how many dead letters a queue has.
func (s *System) Count(ctx context.Context, name string) (int, error) {
	q, err := s.queue(name)
	if err != nil {
		return 0, err
	}
	const visible = types.QueueAttributeNameApproximateNumberOfMessages
	out, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.DLQ, AttributeNames: []types.QueueAttributeName{visible},
	})
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(out.Attributes[string(visible)])
	if err != nil {
		return 0, fmt.Errorf("the attributes of %s: %w", name, err)
	}
	return n, nil
}

// deleteBatch deletes up to maxBatch messages.
func (s *System) deleteBatch(ctx context.Context, q Queue, handles []string) []batch.Result[struct{}] {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(handles))
	for i := range handles {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &handles[i]}
	}
	out, err := s.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.DLQ, Entries: entries})
	if err != nil {
		return resultsOf(len(handles), err, nil)
	}
	return resultsOf(len(handles), nil, out.Failed)
}

// resultsOf returns the results of n entries: the error of the call, or those of single entries.
func resultsOf(n int, err error, failed []types.BatchResultErrorEntry) []batch.Result[struct{}] {
	results := make([]batch.Result[struct{}], n)
	for i := range results {
		results[i].Err = err
	}
	for _, f := range failed {
		if i, err := strconv.Atoi(aws.ToString(f.Id)); err == nil && i < n {
			results[i].Err = errors.New(aws.ToString(f.Code) + ": " + aws.ToString(f.Message))
		}
	}
	return results
}
