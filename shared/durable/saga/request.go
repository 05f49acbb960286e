package saga

import (
	"context"
	"slices"
	"time"
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
	archived, err := s.archivedOf(ctx, r.keyHash(), 0)
	if err != nil {
		return Request{}, err
	}
	steps := map[string][]StepAttempt{}
	for _, a := range archived {
		steps[a.SagaID] = a.Steps
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
