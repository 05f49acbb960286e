package inventory

import (
	"context"
	"slices"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Unsettled returns which of the sagas have a reservation that was neither confirmed nor released, in
// their order.
func (s *Store) Unsettled(ctx context.Context, sagaIDs []string) ([]string, error) {
	var unsettled []string
	for some := range slices.Chunk(sagaIDs, dynamo.MaxBatchGet) {
		gates, err := s.readGates(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			if gates[partition(id)].State == isReserved {
				unsettled = append(unsettled, id)
			}
		}
	}
	return unsettled, nil
}
