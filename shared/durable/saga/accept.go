package saga

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Accept opens a saga for another process to run: the queue's consumer, whose Begin takes it
// over. Each attempt at the request is a saga; RequestID, the id of the first one, names the
// request. A run that is in progress for a caller becomes an attempt at the request.
func (s *Store) Accept(
	ctx context.Context, key idempotency.Key, fingerprint string, in BeginInput,
) (BeginResult, error) {
	r := s.newRecord(key.Hash(), in, s.cfg.HandOff)
	r.RequestID, r.AcceptedAt = r.SagaID, r.BegunAt
	item, err := newItem(r)
	if err != nil {
		return BeginResult{}, err
	}
	attrs := idempotency.Attributes{New: item, Keep: acceptedAgain, ReadFirst: in.Large}
	claim, err := s.keys.Open(ctx, key, fingerprint, attrs)
	b, err := beginResult(item, claim, err)
	if err == nil && b.Status == idempotency.InProgress && b.Saga.RequestID == "" {
		b.Saga, err = s.adopt(ctx, b.Saga)
	}
	return b, err
}

// adopt makes the saga that a caller waits for the first attempt at an accepted request.
// Error: that of a failed condition when the saga has ended meanwhile.
func (s *Store) adopt(ctx context.Context, r Record) (Record, error) {
	seen := r
	r.RequestID, r.AcceptedAt = r.SagaID, s.now().UnixMilli()
	return r, s.update(ctx, idempotency.Change{
		KeyHash: r.keyHash(), Condition: isUnchanged(seen),
		Update: expression.Set(expression.Name("request_id"), expression.Value(r.RequestID)).
			Set(expression.Name("accepted_at"), expression.Value(r.AcceptedAt)),
	}, func(now Record) bool { return now.SagaID == r.SagaID && now.RequestID != "" })
}

// nextAttempt returns what the next attempt at an accepted request keeps of the last one. A
// message keeps its actor too; a caller is the actor of its own attempt.
func nextAttempt(queued bool) func(released dynamo.Item) dynamo.Item {
	names := []string{"request_id", "accepted_at", "failure"}
	if queued {
		names = append(names, "actor")
	}
	return func(released dynamo.Item) dynamo.Item { return keep(released, names...) }
}

// acceptedAgain returns what a request keeps that is sent to the queue again.
func acceptedAgain(released dynamo.Item) dynamo.Item { return keep(released, "request_id") }

// keep returns the named attributes of the last attempt at an accepted request, and former
// with its saga added.
func keep(last dynamo.Item, names ...string) dynamo.Item {
	kept := dynamo.Item{}
	r, err := decode(last)
	if err != nil || r.RequestID == "" {
		return kept
	}
	for _, name := range names {
		if v, ok := last[name]; ok {
			kept[name] = v
		}
	}
	former, err := attributevalue.Marshal(append(r.Former, r.SagaID))
	if err == nil {
		kept["former"] = former
	}
	return kept
}
