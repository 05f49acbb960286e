package operations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/problem"
)

var errNoSource = errors.New("only the bus knows the target of an event that it could not deliver: " +
	"send it there from the AWS console")

// maxStuck bounds how many stuck sagas of a shard are listed.
const maxStuck = 100

// StuckSagas lists the sagas that are stuck.
func (s *System) StuckSagas(ctx context.Context) ([]saga.Record, error) {
	return s.Sagas.Stuck(ctx, maxStuck)
}

// RedriveSaga restarts the compensation of a stuck saga from the one that failed.
// Errors: problem.NotFound; saga.ErrLost for a saga that owes no compensation.
func (s *System) RedriveSaga(ctx context.Context, sagaID string, by By) (saga.Record, error) {
	r, err := s.Sagas.Load(ctx, sagaID)
	if err != nil {
		return r, err
	}
	if r.State != saga.Stuck && r.State != saga.Compensating && r.State != saga.Cancelling {
		return r, saga.ErrLost
	}
	act := events.SagaAct(events.SagaRedriven, r.SagaID, r.MerchantID, r.Redrive+1, by.Operator)
	if err := s.record(ctx, by, act); err != nil {
		return r, err
	}
	if r, err = s.Sagas.Redrive(ctx, r); err != nil {
		return r, err
	}
	return r, s.Compensator.Start(ctx, r)
}

// Redrive records the act, sends dead letters to their queue again and calls done for each. A message
// goes back with its body alone, as it first came, in the group of its merchant. It is sent before it is
// deleted, so that a crash or a lost reply duplicates it, and consumers recognise duplicates. One
// that is dead-lettered after Redrive began stays, so that Redrive ends. A failed compensation is
// redriven as its saga, or deleted when the saga has ended.
//
// Messages are handled in batches, concurrently. Redrive may be interrupted at any time and called
// again for the rest.
func (s *System) Redrive(ctx context.Context, which Selection, by By, done func(DeadLetter)) error {
	sends := batch.New(maxBatch, s.sendBatch)
	return s.forEach(ctx, which, done, func(q Queue, m types.Message) error {
		if q.Source == "" && !q.isCompensation() {
			return errNoSource
		}
		if err := s.recordLetter(ctx, by, events.DeadLetterRedriven, q, m); err != nil {
			return err
		}
		if q.isCompensation() {
			return s.redriveFailed(ctx, *m.Body, by)
		}
		_, err := sends.Do(ctx, letter{q, *m.Body})
		return err
	})
}

// letter is a message that goes back to its queue.
type letter struct {
	queue Queue
	body  string
}

// sendBatch sends up to maxBatch messages to one queue, in as many calls as SQS's limit of a call's
// bytes needs.
func (s *System) sendBatch(ctx context.Context, letters []letter) []batch.Result[struct{}] {
	var results []batch.Result[struct{}]
	for from := 0; from < len(letters); {
		to, size := from, 0
		for to < len(letters) && (to == from || size+len(letters[to].body) <= queue.MaxMessage) {
			size += len(letters[to].body)
			to++
		}
		results = append(results, s.send(ctx, letters[from:to])...)
		from = to
	}
	return results
}

func (s *System) send(ctx context.Context, letters []letter) []batch.Result[struct{}] {
	entries := make([]types.SendMessageBatchRequestEntry, len(letters))
	for i, l := range letters {
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: &letters[i].body,
			MessageGroupId: queue.GroupID(originOf(l.queue.Name, l.body).MerchantID),
		}
	}
	out, err := s.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
		QueueUrl: &letters[0].queue.Source, Entries: entries,
	})
	if err != nil {
		return resultsOf(len(letters), err, nil)
	}
	return resultsOf(len(letters), nil, out.Failed)
}

// redriveFailed redrives the saga of a failed compensation.
func (s *System) redriveFailed(ctx context.Context, body string, by By) error {
	var failed events.CompensationFailed
	if err := json.Unmarshal([]byte(body), &failed); err != nil {
		return fmt.Errorf("decode a failed compensation: %w", err)
	}
	_, err := s.RedriveSaga(ctx, failed.SagaID, by)
	if _, known := errors.AsType[*problem.Error](err); known || errors.Is(err, saga.ErrLost) {
		return nil // the saga has ended, or its record has expired
	}
	return err
}

func (s *System) queue(name string) (Queue, error) {
	i := slices.IndexFunc(s.Queues, func(q Queue) bool { return q.Name == name })
	if i < 0 {
		return Queue{}, fmt.Errorf("there is no queue %q; there are %s", name, strings.Join(s.queueNames(), ", "))
	}
	return s.Queues[i], nil
}

func (s *System) queueNames() []string {
	names := make([]string, 0, len(s.Queues))
	for _, q := range s.Queues {
		names = append(names, q.Name)
	}
	return names
}
