package saga

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/idempotency"
)

// States of an accepted request between its attempts.
const (
	// Queued requests wait for their first attempt.
	Queued State = "QUEUED"
	// Retrying requests were tried, and the queue delivers their message again.
	Retrying State = "RETRYING"
	// DeadLettered requests were tried too often. An operator redrives or drops the message.
	DeadLettered State = "DEAD_LETTERED"
	// refused requests were refused for good, or dropped by an operator.
	refused State = "REFUSED"
)

// Request is what became of an accepted request over all its attempts, or of one saga.
type Request struct {
	Record            // the latest attempt, with the timeline and the begin of all
	ID       string   // as the 202 named it
	Status   State    // as the caller of the 202 sees it
	Attempts []string // sagas, oldest first; nil for a single saga
}

// Request returns the request that a 202 named by id, or the saga of that id. The state of a
// request is final only when it is: while a message may come, a failed attempt does not end
// it. Error: problem.NotFound.
func (s *Store) Request(ctx context.Context, id string) (Request, error) {
	r, err := s.current(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if r.RequestID == id {
		return s.follow(ctx, r)
	}
	if r.SagaID != id {
		r, err = s.archived(ctx, id)
	}
	return Request{Record: r, ID: id, Status: r.State}, err
}

// follow returns a request by its latest attempt.
func (s *Store) follow(ctx context.Context, r Record) (Request, error) {
	request := Request{
		Record: r, ID: r.RequestID, Status: s.requestState(r), Attempts: append(slices.Clone(r.Former), r.SagaID),
	}
	request.BegunAt = r.AcceptedAt
	if r.LastFailure != nil && !r.State.committed() {
		request.Reason = r.LastFailure.Reason
	}
	if len(r.Former) == 0 {
		return request, nil
	}
	steps, err := s.archivedSteps(ctx, r.keyHash())
	if err != nil {
		return Request{}, err
	}
	request.Steps = nil
	for _, id := range r.Former {
		request.Steps = append(request.Steps, steps[id]...)
	}
	request.Steps = append(request.Steps, r.Steps...)
	return request, nil
}

func (s *Store) requestState(r Record) State {
	failure := r.LastFailure
	switch {
	case r.State == Begun && r.Fence > 0, r.State.committed(), r.State == Compensating, r.State == Stuck:
		return r.State
	case failure != nil && failure.State == refused:
		return r.State
	case failure != nil && failure.State == DeadLettered:
		return DeadLettered
	case s.now().After(time.UnixMilli(r.AcceptedAt).Add(s.cfg.HandOff)):
		return r.State // SQS has deleted the message
	case r.State == Begun && failure == nil:
		return Queued
	default:
		return Retrying
	}
}

func (s State) committed() bool { return s == Committed || s == Completed }

// archivedSteps returns the timelines of a key's ended sagas by saga id.
func (s *Store) archivedSteps(ctx context.Context, keyHash string) (map[string][]StepAttempt, error) {
	expr, err := expression.NewBuilder().WithKeyCondition(
		expression.Key("pk").Equal(expression.Value(idempotency.PartitionKey(keyHash)))).Build()
	if err != nil {
		return nil, err
	}
	steps := map[string][]StepAttempt{}
	for pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.cfg.Table, KeyConditionExpression: expr.KeyCondition(), ConsistentRead: aws.Bool(true),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query a key's sagas: %w", err)
		}
		for _, item := range page.Items {
			r, err := decode(item)
			if err != nil {
				return nil, err
			}
			steps[r.SagaID] = r.Steps
		}
	}
	return steps, nil
}
