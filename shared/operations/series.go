package operations

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/invoice"
)

// seriesLockWait is how long a hand-over waits for another one of the same series.
const seriesLockWait = 10 * time.Second

// TakeOverSeries makes a series that other software began continue here, at next: one
// operator at a time. Errors: those of invoice.Store.TakeOverSeries; *lock.HeldError.
func (s *System) TakeOverSeries(ctx context.Context, scope invoice.NumberScope, series string, next int64) error {
	return s.Locks.WithLock(
		ctx,
		scope.LockName(series),
		seriesLockWait,
		func(ctx context.Context, lease lock.Lease) error {
			return s.Invoices.TakeOverSeries(ctx, lease, scope, series, next, s.Now())
		},
	)
}
