package operations

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/batch"
)

// Selection selects dead letters of one queue: the one with an id, or all for an empty ID.
type Selection struct{ Queue, ID string }

// Drop deletes dead letters for good and calls done for each. The act is recorded and OnDropped is called
// before a message is deleted: when one fails, the message stays. A message whose deletion fails stays
// too, and may be dropped again.
func (s *System) Drop(ctx context.Context, which Selection, by By, done func(DeadLetter)) error {
	return s.forEach(ctx, which, done, func(q Queue, m types.Message) error {
		if err := s.recordLetter(ctx, by, events.DeadLetterDropped, q, m); err != nil || s.OnDropped == nil {
			return err
		}
		return s.OnDropped(ctx, q.Name, *m.Body)
	})
}

// recordLetter records an act on a dead letter, once for each: one that fails again is another message.
func (s *System) recordLetter(ctx context.Context, by By, action string, q Queue, m types.Message) error {
	return s.record(ctx, by, events.Act{
		ID: events.ActID(action, q.Name, *m.MessageId), Action: action, MerchantID: originOf(q.Name, *m.Body).MerchantID,
		Subject: q.Name + " " + *m.MessageId,
	})
}

// forEach calls act for each selected message, then deletes the message and calls done. One
// that fails stays, and does not keep the others. act is called concurrently, done is not.
func (s *System) forEach(
	ctx context.Context, which Selection, done func(DeadLetter), act func(Queue, types.Message) error,
) error {
	q, err := s.queue(which.Queue)
	if err != nil {
		return err
	}
	deletes := batch.New(maxBatch, func(ctx context.Context, handles []string) []batch.Result[struct{}] {
		return s.deleteBatch(ctx, q, handles)
	})
	var mu sync.Mutex
	handle := func(m types.Message) error {
		err := act(q, m)
		if err == nil {
			_, err = deletes.Do(ctx, *m.ReceiptHandle)
		}
		if err != nil {
			return fmt.Errorf("%s of %s: %w", *m.MessageId, q.Name, err)
		}
		mu.Lock()
		defer mu.Unlock()
		done(newDeadLetter(q, m))
		return nil
	}
	if which.ID != "" {
		return s.one(ctx, q, which.ID, handle)
	}
	return s.drain(ctx, q, handle)
}

// one calls handle for the message with an id.
func (s *System) one(ctx context.Context, q Queue, id string, handle func(types.Message) error) error {
	found, failed := false, error(nil)
	err := s.walk(ctx, q, func(m types.Message) (bool, error) {
		if *m.MessageId != id {
			return true, nil
		}
		found, failed = true, handle(m)
		return failed != nil, errEnough
	})
	if err == nil && !found {
		err = fmt.Errorf("the dead letter queue of %s shows no message %s; one that another command reads "+
			"is hidden for up to %d s", q.Name, id, visibilityTimeout)
	}
	return errors.Join(failed, err)
}
