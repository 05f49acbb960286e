package crash

import (
	"strconv"

	lambdaevents "github.com/aws/aws-lambda-go/events"
)

// deliver delivers all waiting messages once and reports whether there were any.
func (c *Cloud) deliver() bool {
	delivered := false
	for queue, function := range consumers() {
		batch := c.queues.take(queue)
		if len(batch) == 0 {
			continue
		}
		delivered = true
		failed := c.deliverBatch(function, batch)
		for _, m := range batch {
			if failed == nil || failed[m.id] {
				c.queues.requeue(m)
			}
		}
	}
	return delivered
}

// deliverBatch invokes a function with a batch and returns the ids of the messages that
// failed; nil if all failed.
func (c *Cloud) deliverBatch(function string, batch []*message) map[string]bool {
	var e lambdaevents.SQSEvent
	for _, m := range batch {
		e.Records = append(e.Records, lambdaevents.SQSMessage{
			MessageId: m.id, ReceiptHandle: m.id, Body: m.body,
			Attributes: map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(m.receives), "SenderId": "AROASENDER:session",
			},
		})
	}
	var out lambdaevents.SQSEventResponse
	if err := c.invokeJSON(function, e, &out); err != nil {
		return nil
	}
	failed := map[string]bool{}
	for _, f := range out.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed
}

// take receives all messages of a queue.
func (q *queues) take(queue string) []*message {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting[queue]
	q.waiting[queue] = nil
	for _, m := range batch {
		m.receives++
	}
	return batch
}

// requeue returns a failed message to its queue or dead-letters it. It suspends a message
// that has failed twice until recovery has run: the tests' time stands still, and a message
// that waits for recovery would use up its receives.
func (q *queues) requeue(m *message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	to := m.queue
	if m.receives >= maxReceives {
		to += "-dlq"
	} else if m.failed++; m.failed >= 2 {
		q.suspended = append(q.suspended, m)
		return
	}
	q.waiting[to] = append(q.waiting[to], m)
}

// resume returns suspended messages to their queues.
func (q *queues) resume() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.suspended {
		m.failed = 0
		q.waiting[m.queue] = append(q.waiting[m.queue], m)
	}
	q.suspended = nil
}

// redeliverAll puts a copy of every message of the case into its queue.
func (q *queues) redeliverAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.sent {
		if consumers()[m.queue] != "" {
			q.waiting[m.queue] = append(q.waiting[m.queue], &message{queue: m.queue, id: m.id, body: m.body})
		}
	}
}
