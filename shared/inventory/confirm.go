package inventory

import "context"

// Confirm turns a saga's reservation into a sale, or a return. It may be called any number of times. A saga
// that reserved nothing has nothing to confirm. Errors: a *problem.Error of kind Internal,
// code `sold_after_release`, when the reservation was released although the invoice was
// issued, which must never happen; of kind Internal when stock and barrier contradict each
// other. After any other error, call it again.
func (s *Store) Confirm(ctx context.Context, sagaID string) error {
	all, err := s.barriers(ctx, partition(sagaID))
	if err != nil {
		return err
	}
	if len(all) > 0 && all[0].SK == gateSK && all[0].State == isReserved && all[0].Chunks != len(all) {
		return contradiction("reservation_incomplete", "%d of %d chunks are reserved", len(all), all[0].Chunks)
	}
	for _, b := range all {
		if _, err := s.finalize(ctx, b, b.confirmed()); err != nil {
			return err
		}
	}
	return nil
}
