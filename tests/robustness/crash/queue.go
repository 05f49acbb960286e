package crash

import (
	"crypto/md5" //nolint:gosec // SQS's checksum of a message
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	lambdaevents "github.com/aws/aws-lambda-go/events"
)

// mostReceives before a message is dead-lettered, as infra's queues have it.
const mostReceives = 42

// queues are SQS and the bus: each message is delivered until its consumer took it.
type queues struct {
	mu       sync.Mutex
	waiting  map[string][]*message
	resting  []*message // failed twice since recovery ran
	sent     []*message // all that ever were, to be delivered once more
	events   []busEvent
	sequence int
}

type message struct {
	queue, id, body string
	receives        int
	failed          int // since recovery ran
}

// busEvent is an event as it was put on the bus.
type busEvent struct {
	Kind   string          `json:"DetailType"`
	Detail json.RawMessage `json:"-"`
}

func newQueues() *queues { return &queues{waiting: map[string][]*message{}} }

// consumers by queue.
func consumers() map[string]string {
	return map[string]string{
		"requests": "create-invoice", "audit": "log-audit", "publish": "publish-event", "inventory": "reserve-inventory",
	}
}

func (q *queues) add(queue, body string) *message {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sequence++
	m := &message{queue: queue, id: "m" + strconv.Itoa(q.sequence), body: body}
	q.waiting[queue] = append(q.waiting[queue], m)
	q.sent = append(q.sent, m)
	return m
}

// send is SQS's SendMessage. Delays are not kept: time is the tests' own.
func (q *queues) send(queue string, body []byte) (reply, error) {
	var in struct{ MessageBody string }
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, q.taken(queue, in.MessageBody))
}

// sendBatch is SQS's SendMessageBatch.
func (q *queues) sendBatch(queue string, body []byte) (reply, error) {
	var in struct {
		Entries []struct{ Id, MessageBody string } //nolint:revive // AWS's own name
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	taken := []map[string]string{}
	for _, e := range in.Entries {
		one := q.taken(queue, e.MessageBody)
		one["Id"] = e.Id
		taken = append(taken, one)
	}
	return answer(http.StatusOK, map[string]any{"Successful": taken, "Failed": []string{}})
}

// taken adds a message, and says so as SQS does.
func (q *queues) taken(queue, body string) map[string]string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // see above
	return map[string]string{"MessageId": q.add(queue, body).id, "MD5OfMessageBody": hex.EncodeToString(sum[:])}
}

// publish is EventBridge's PutEvents, with the rule that books invoices as sold.
func (q *queues) publish(body []byte) (reply, error) {
	var in struct {
		Entries []struct{ DetailType, Detail string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	ids := []map[string]string{}
	for _, e := range in.Entries {
		q.mu.Lock()
		q.events = append(q.events, busEvent{e.DetailType, json.RawMessage(e.Detail)})
		q.mu.Unlock()
		ids = append(ids, map[string]string{"EventId": "e" + strconv.Itoa(len(ids))})
		if e.DetailType == "invoice.created" {
			q.add("inventory", `{"detail-type":"invoice.created","detail":`+e.Detail+`}`)
		}
	}
	return answer(http.StatusOK, map[string]any{"FailedEntryCount": 0, "Entries": ids})
}

// take empties a queue into a batch.
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

// back returns what was not taken, or dead-letters it. What fails twice rests until
// recovery has run: time stands still here, and a message that waits for recovery would
// use up its receives.
func (q *queues) back(m *message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	to := m.queue
	if m.receives >= mostReceives {
		to += "-dlq"
	} else if m.failed++; m.failed >= 2 {
		q.resting = append(q.resting, m)
		return
	}
	q.waiting[to] = append(q.waiting[to], m)
}

// wake has messages that rest come again.
func (q *queues) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.resting {
		m.failed = 0
		q.waiting[m.queue] = append(q.waiting[m.queue], m)
	}
	q.resting = nil
}

// again puts a copy of every message that ever was into its queue.
func (q *queues) again() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.sent {
		if consumers()[m.queue] != "" {
			q.waiting[m.queue] = append(q.waiting[m.queue], &message{queue: m.queue, id: m.id, body: m.body})
		}
	}
}

// deliver hands waiting messages to their consumers once, and tells whether there
// were any.
func (c *Cloud) deliver() bool {
	any := false
	for queue, function := range consumers() {
		batch := c.queues.take(queue)
		if len(batch) == 0 {
			continue
		}
		any = true
		failed := c.hand(function, batch)
		for _, m := range batch {
			if failed == nil || failed[m.id] {
				c.queues.back(m)
			}
		}
	}
	return any
}

// hand gives a batch to a function and returns which of its messages failed; nil
// when all did.
func (c *Cloud) hand(function string, batch []*message) map[string]bool {
	var e lambdaevents.SQSEvent
	for _, m := range batch {
		e.Records = append(e.Records, lambdaevents.SQSMessage{
			MessageId: m.id, ReceiptHandle: m.id, Body: m.body, Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
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
