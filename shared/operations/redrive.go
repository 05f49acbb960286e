package operations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/problem"
)

// maxStuck bounds how many stuck sagas of a shard are listed.
const maxStuck = 100

// StuckSagas lists the sagas that are stuck.
func (s *System) StuckSagas(ctx context.Context) ([]saga.Record, error) {
	return s.Sagas.Stuck(ctx, maxStuck)
}

// RedriveSaga restarts the compensation of a stuck saga from the one that failed.
// Errors: problem.NotFound; saga.ErrLost for a saga that owes no compensation.
func (s *System) RedriveSaga(ctx context.Context, sagaID string) (saga.Record, error) {
	r, err := s.Sagas.Load(ctx, sagaID)
	if err != nil {
		return r, err
	}
	if r, err = s.Sagas.Redrive(ctx, r); err != nil {
		return r, err
	}
	return r, s.Compensator.Start(ctx, r)
}

// Redrive sends the messages of a dead letter queue to its source again and returns
// their number. A message goes back with its body alone, as it first came; consumers
// recognise duplicates. One that is dead-lettered again meanwhile stays, so that Redrive
// ends. A failed compensation is redriven as its saga, or deleted when the saga has ended.
func (s *System) Redrive(ctx context.Context, name string) (int, error) {
	q, err := s.queue(name)
	if err != nil {
		return 0, err
	}
	sent := map[string]bool{}
	var again []types.Message
	for {
		messages, err := s.receive(ctx, q)
		if err != nil {
			return len(sent), err
		}
		before := len(sent)
		for _, m := range messages {
			if sent[*m.Body] {
				again = append(again, m)
				continue
			}
			if err := s.redriveMessage(ctx, q, m); err != nil {
				return len(sent), err
			}
			sent[*m.Body] = true
		}
		if len(sent) == before {
			return len(sent), s.release(ctx, q, again)
		}
	}
}

func (s *System) queue(name string) (Queue, error) {
	i := slices.IndexFunc(s.Queues, func(q Queue) bool { return q.Name == name })
	if i < 0 {
		return Queue{}, fmt.Errorf("there is no queue %q", name)
	}
	return s.Queues[i], nil
}

func (s *System) redriveMessage(ctx context.Context, q Queue, m types.Message) error {
	if err := s.sendBack(ctx, q, *m.Body); err != nil {
		return err
	}
	return s.delete(ctx, q, m)
}

func (s *System) sendBack(ctx context.Context, q Queue, body string) error {
	if q.Source != "" {
		_, err := s.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.Source, MessageBody: &body})
		return err
	}
	var failed events.CompensationFailed
	if err := json.Unmarshal([]byte(body), &failed); err != nil {
		return fmt.Errorf("decode a failed compensation: %w", err)
	}
	_, err := s.RedriveSaga(ctx, failed.SagaID)
	if _, known := errors.AsType[*problem.Error](err); known || errors.Is(err, saga.ErrLost) {
		return nil // the saga has ended, or its record has expired
	}
	return err
}
