// Package operations holds what an operator does to a running system: find sagas and dead
// letters, redrive or drop them, force the breaker, and take over a series.
package operations

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/function/queue"
)

// DeadLetter is a dead-lettered message. All of it but Body is free of personal data.
type DeadLetter struct {
	Queue  string
	ID     string    // SQS's id of the message
	Sent   time.Time // when it was dead-lettered; a crashed one: when it was first sent
	Origin           // what the body names
	// Attempts is how often the message was received before it was dead-lettered; 0 if unknown.
	Attempts     int
	Code, Reason string
	Body         string // as the message first came; never shown
}

// MaxListed bounds how many messages of one queue are listed.
const MaxListed = 1000

// DeadLetters lists the messages of the named queues' dead letter queues, or of all, oldest
// first: up to MaxListed of each. They are hidden from other readers while they are read. A
// failed compensation whose saga has ended is deleted instead: the saga's record is the
// source of truth. When a queue cannot be read, the error comes with the rest.
func (s *System) DeadLetters(ctx context.Context, names ...string) ([]DeadLetter, error) {
	if len(names) == 0 {
		names = s.queueNames()
	}
	queues := make([]Queue, len(names))
	for i, name := range names {
		var err error
		if queues[i], err = s.queue(name); err != nil {
			return nil, err
		}
	}
	lists, errs := make([][]DeadLetter, len(queues)), make([]error, len(queues))
	var wg sync.WaitGroup
	for i, q := range queues {
		wg.Go(func() { lists[i], errs[i] = s.list(ctx, q) })
	}
	wg.Wait()
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b DeadLetter) int { return cmp.Or(a.Sent.Compare(b.Sent), cmp.Compare(a.ID, b.ID)) })
	return all, errors.Join(errs...)
}

func (s *System) list(ctx context.Context, q Queue) ([]DeadLetter, error) {
	var list []DeadLetter
	err := s.walk(ctx, q, func(m types.Message) (bool, error) {
		if q.isCompensation() && s.isResolved(ctx, *m.Body) {
			err := s.delete(ctx, q, m)
			return err != nil, err
		}
		list = append(list, newDeadLetter(q, m))
		if len(list) == MaxListed {
			return true, errEnough
		}
		return true, nil
	})
	return list, err
}

// isResolved reports whether the saga of a failed compensation has ended.
func (s *System) isResolved(ctx context.Context, body string) bool {
	var failed events.CompensationFailed
	if json.Unmarshal([]byte(body), &failed) != nil {
		return false
	}
	r, err := s.Sagas.Load(ctx, failed.SagaID)
	return err == nil && r.State.Ended()
}

func newDeadLetter(q Queue, m types.Message) DeadLetter {
	attr := func(name string) string { return aws.ToString(m.MessageAttributes[name].StringValue) }
	l := DeadLetter{
		Queue: q.Name, ID: aws.ToString(m.MessageId), Origin: originOf(q.Name, *m.Body), Body: *m.Body,
		Sent: sentAt(m),
		Code: withoutQuotes(attr(queue.AttrCode)),
	}
	l.Reason = reasonOf(l.Code, attr(queue.AttrReason))
	l.Attempts, _ = strconv.Atoi(attr(queue.AttrReceives)) // 0, unknown, if there is none
	switch {
	case q.isCompensation():
		l.Code, l.Reason = "compensation_failed", compensationFailure(l.Body)
	case l.Code == "" && q.Name == undelivered:
		l.Code, l.Reason = "undelivered", withoutQuotes(attr("ERROR_CODE")+" "+attr("ERROR_MESSAGE"))
	case l.Code == "":
		l.Code = "crashed" // moved by the redrive policy, without a reason
	}
	return l
}

// sentAt returns when a message was sent; the zero time if that is unknown.
func sentAt(m types.Message) time.Time {
	ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
