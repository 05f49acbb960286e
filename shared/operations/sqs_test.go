package operations_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/operations"
)

// errLost is a fault after which the caller cannot know whether the call took effect.
var errLost = errors.New("the connection was lost")

// queues is a dead letter queue, and its source, whose consumer dead-letters every message at
// once unless it is told to accept them.
type queues struct {
	mu              sync.Mutex
	visible, hidden []types.Message
	next            int
	accepts         bool
	sent            []string // bodies, to the source
	groups          []string // of the same messages
	// fault is called for each call that sends or deletes messages. It decides whether the call takes effect,
	// and returns the error that replaces the reply.
	fault func(call string) (apply bool, err error)
}

func newQueues(bodies ...string) *queues {
	q := &queues{fault: func(string) (bool, error) { return true, nil }}
	for _, b := range bodies {
		q.add(b, nil)
	}
	return q
}

// add adds a dead letter. The later it is added, the later it was sent.
func (q *queues) add(body string, attributes map[string]string) string {
	q.next++
	id := "id-" + strconv.Itoa(q.next)
	m := types.Message{
		MessageId: &id, ReceiptHandle: &id, Body: &body, MessageAttributes: map[string]types.MessageAttributeValue{},
		Attributes: map[string]string{"SentTimestamp": strconv.Itoa(q.next * 1000)},
	}
	for name, value := range attributes {
		m.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	q.visible = append([]types.Message{m}, q.visible...) // SQS keeps no order
	return id
}

// ids lists the messages that can be received.
func (q *queues) ids() []string {
	var ids []string
	for _, m := range q.visible {
		ids = append(ids, *m.MessageId)
	}
	slices.Sort(ids)
	return ids
}

func take(from *[]types.Message, handle string) []types.Message {
	i := slices.IndexFunc(*from, func(m types.Message) bool { return *m.ReceiptHandle == handle })
	if i < 0 {
		return nil
	}
	m := (*from)[i]
	*from = slices.Delete(*from, i, i+1)
	return []types.Message{m}
}

func (q *queues) ReceiveMessage(
	_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.visible), int(in.MaxNumberOfMessages))
	received := slices.Clone(q.visible[:n])
	q.visible = slices.Clone(q.visible[n:])
	q.hidden = append(q.hidden, received...)
	return &sqs.ReceiveMessageOutput{Messages: received}, nil
}

// SendMessageBatch refuses a message whose body is "refused".
func (q *queues) SendMessageBatch(
	_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, out := 0, &sqs.SendMessageBatchOutput{}
	apply, err := q.fault("send")
	for _, e := range in.Entries {
		size += len(*e.MessageBody)
		if *e.MessageBody == "refused" {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("Refused")})
		} else if apply {
			q.sent = append(q.sent, *e.MessageBody)
			q.groups = append(q.groups, aws.ToString(e.MessageGroupId))
			if !q.accepts {
				q.add(*e.MessageBody, nil)
			}
		}
	}
	if len(in.Entries) > 10 || size > 1<<20 {
		return nil, errors.New("a batch has up to 10 messages of together 1 MiB")
	}
	return out, err
}

func (q *queues) DeleteMessage(
	_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options),
) (*sqs.DeleteMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	take(&q.hidden, *in.ReceiptHandle)
	return &sqs.DeleteMessageOutput{}, nil
}

func (q *queues) DeleteMessageBatch(
	_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.DeleteMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	apply, err := q.fault("delete")
	for _, e := range in.Entries {
		if apply {
			take(&q.hidden, *e.ReceiptHandle)
		}
	}
	return &sqs.DeleteMessageBatchOutput{}, err
}

func (q *queues) GetQueueAttributes(
	context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"ApproximateNumberOfMessages": strconv.Itoa(len(q.visible)),
	}}, nil
}

func (q *queues) ChangeMessageVisibilityBatch(
	ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range in.Entries {
		if ids[*e.Id] || len(in.Entries) > 10 {
			return nil, errors.New("a batch has up to 10 entries with ids of their own")
		}
		ids[*e.Id] = true
		q.visible = append(q.visible, take(&q.hidden, *e.ReceiptHandle)...)
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// auditLog records acts, unless the audit queue is away.
type auditLog struct {
	mu       sync.Mutex
	recorded []events.Act
	away     bool
	forgets  bool // records nothing
}

func (a *auditLog) Record(_ context.Context, act events.Act) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away {
		return errLost
	}
	if !a.forgets {
		a.recorded = append(a.recorded, act)
	}
	return nil
}

var asha = operations.By{Operator: "asha", Why: "a test"}

// system returns a system with one dead letter queue, whose messages are from the past.
func system(q *queues, name string) *operations.System {
	q.mu.Lock()
	defer q.mu.Unlock()
	began := time.UnixMilli(int64(q.next+1) * 1000)
	return &operations.System{
		Now: func() time.Time { return began }, Acts: &auditLog{}, SQS: q,
		Queues: []operations.Queue{{Name: name, Source: "source", DLQ: "dlq"}},
	}
}

// recorder collects the ids of dead letters.
type recorder struct{ ids []string }

func (r *recorder) done(l operations.DeadLetter) { r.ids = append(r.ids, l.ID) }

// ReceiveMessage fails once its calls are used up.
func (f *failing) ReceiveMessage(
	ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	if f.left == 0 {
		f.leave()
		return nil, errLost
	}
	f.left--
	return f.queues.ReceiveMessage(ctx, in, o...)
}
