package gauge

import (
	"context"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/metric"
)

// breaker reads the phase of a dependency's circuit breaker.
func (r *Reader) breaker(ctx context.Context, dependency string) ([]Reading, error) {
	s, err := breaker.Read(ctx, r.db, r.cfg.Table, dependency)
	if err != nil {
		return nil, err
	}
	return []Reading{{
		Name: metric.BreakerState, Labels: []string{dependency}, Value: float64(s.Phase(r.now())),
	}}, nil
}
