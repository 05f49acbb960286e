package inventory

import "context"

// Returned is the result of Return.
const Returned = "returned"

// Return takes back what the saga soldBy has sold, for the saga that cancels its invoice: lines are
// those of the invoice. It may be called any number of times; the stock is given back once. Errors: a
// *RefusedError if more comes back than was sold. After any other error, call it again.
func (s *Store) Return(ctx context.Context, r Reservation, soldBy string) (string, error) {
	// The sale is booked when its event arrives, which may come after the cancellation.
	if err := s.Confirm(ctx, soldBy); err != nil {
		return "", err
	}
	r.Returns = true
	if err := s.Reserve(ctx, r); err != nil {
		return "", err
	}
	return Returned, s.Confirm(ctx, r.SagaID)
}
