package gauge

import (
	"context"

	"github.com/invochain/invochain/shared/metric"
)

// readErasures counts the erasures that are overdue.
func (r *Reader) readErasures(ctx context.Context) ([]Reading, error) {
	n, err := r.erasures.Overdue(ctx)
	if err != nil {
		return nil, err
	}
	return []Reading{{Name: metric.ErasuresOverdue, Value: float64(n)}}, nil
}
