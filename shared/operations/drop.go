package operations

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
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

// maxFailures ends an act on many messages that fails for each.
const maxFailures = 10

// errStays reports that a message stays in the queue although act did not fail.
var errStays = errors.New("the message stays in its dead letter queue")

// forEach calls act for each selected message, then deletes the message and calls done. One
// that fails stays, and does not keep the others.
func (s *System) forEach(
	ctx context.Context, which Selection, done func(DeadLetter), act func(Queue, types.Message) error,
) error {
	q, err := s.queue(which.Queue)
	if err != nil {
		return err
	}
	found := which.ID == ""
	var failed []error
	err = s.walk(ctx, q, func(m types.Message) (bool, error) {
		if which.ID != "" && *m.MessageId != which.ID {
			return true, nil
		}
		found = true
		err := act(q, m)
		if err == nil {
			err = s.delete(ctx, q, m)
		}
		switch {
		case errors.Is(err, errStays):
		case err != nil:
			failed = append(failed, fmt.Errorf("%s of %s: %w", *m.MessageId, q.Name, err))
		default:
			done(newDeadLetter(q, m))
		}
		if len(failed) == maxFailures || which.ID != "" {
			return err != nil, errEnough
		}
		return err != nil, ctx.Err()
	})
	if err == nil && !found {
		err = fmt.Errorf("the dead letter queue of %s shows no message %s; one that another command reads "+
			"is hidden for up to %d s", q.Name, which.ID, visibilityTimeout)
	}
	return errors.Join(append(failed, err)...)
}
