package inventory

import (
	"context"
	"errors"
)

// Results of Return.
const (
	Returned    = "returned"
	NotReturned = "not_returned" // more would come back than was sold: a note that names no invoice returned it
)

// Return takes back what the saga soldBy has sold, for the saga that cancels its invoice: lines are
// those of the invoice. It may be called any number of times; the stock is given back once. After an
// error, call it again.
func (s *Store) Return(ctx context.Context, r Reservation, soldBy string) (string, error) {
	// The sale is booked when its event arrives, which may come after the cancellation.
	if err := s.Confirm(ctx, soldBy); err != nil {
		return "", err
	}
	r.Returns = true
	err := s.Reserve(ctx, r)
	if refused, ok := errors.AsType[*RefusedError](err); ok && refused.Code != Malformed {
		return NotReturned, nil
	}
	if err != nil {
		return "", err
	}
	return Returned, s.Confirm(ctx, r.SagaID)
}
