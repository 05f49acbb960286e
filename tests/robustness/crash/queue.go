package crash

import (
	"crypto/md5" //nolint:gosec // SQS's checksum of a message
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
)

// maxReceives is the redrive policy's maxReceiveCount of infra's queues.
const maxReceives = 1000

// queues implements SQS and the bus. A message is redelivered until its consumer succeeds.
type queues struct {
	mu        sync.Mutex
	waiting   map[string][]*message
	suspended []*message // messages that failed twice since recovery ran
	sent      []*message // all messages of the case, for RedeliverAll
	events    []busEvent
	sequence  int
}

type message struct {
	queue, id, body string
	receives        int
	failed          int // failures since recovery ran
}

// busEvent is an event on the bus.
type busEvent struct {
	Kind   string          `json:"DetailType"`
	Detail json.RawMessage `json:"-"`
}

func newQueues() *queues { return &queues{waiting: map[string][]*message{}} }

// consumers returns the consuming functions by queue.
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

// errNoGroup refuses a message that would make a queue an unfair one.
var errNoGroup = errors.New("the message has no group")

// send serves SQS's SendMessage. It ignores delays, since the tests control time.
func (q *queues) send(queue string, body []byte) (reply, error) {
	var in struct{ MessageBody, MessageGroupId string } //nolint:revive // AWS's own name
	err := json.Unmarshal(body, &in)
	if err == nil && in.MessageGroupId == "" && consumers()[queue] != "" {
		err = errNoGroup
	}
	if err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, q.addReply(queue, in.MessageBody))
}

// sendBatch serves SQS's SendMessageBatch.
func (q *queues) sendBatch(queue string, body []byte) (reply, error) {
	var in struct {
		Entries []struct{ Id, MessageBody, MessageGroupId string } //nolint:revive // AWS's own name
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	successful := []map[string]string{}
	for _, e := range in.Entries {
		if e.MessageGroupId == "" && consumers()[queue] != "" {
			return reply{}, errNoGroup
		}
		entry := q.addReply(queue, e.MessageBody)
		entry["Id"] = e.Id
		successful = append(successful, entry)
	}
	return answer(http.StatusOK, map[string]any{"Successful": successful, "Failed": []string{}})
}

// addReply adds a message and returns SQS's reply.
func (q *queues) addReply(queue, body string) map[string]string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // SQS's checksum of a message
	return map[string]string{"MessageId": q.add(queue, body).id, "MD5OfMessageBody": hex.EncodeToString(sum[:])}
}

// publish serves EventBridge's PutEvents, with the rule that sends invoice.created to the
// inventory's queue.
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
