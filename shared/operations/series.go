package operations

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/invoice"
)

// seriesLockWait is how long a hand-over waits for another one of the same series.
const seriesLockWait = 10 * time.Second

// TakeOverSeries makes a series that other software began continue here, at next: one
// operator at a time. Errors: those of invoice.Store.TakeOverSeries; *lock.HeldError.
func (s *System) TakeOverSeries(
	ctx context.Context, scope invoice.NumberScope, series string, next int64, by By,
) error {
	act := handOver(scope, series, next)
	return s.Locks.WithLock(
		ctx,
		scope.LockName(series),
		seriesLockWait,
		func(ctx context.Context, lease lock.Lease) error {
			if err := s.record(ctx, by, act); err != nil {
				return err
			}
			return s.Invoices.TakeOverSeries(ctx, lease, scope, series, next, s.Now())
		},
	)
}

// handOver returns the act of a hand-over. The same one again changes nothing.
func handOver(scope invoice.NumberScope, series string, next int64) events.Act {
	what := []string{scope.DocumentType, scope.FinancialYear, series, strconv.FormatInt(next, 10)}
	return events.Act{
		ID:     events.ActID(append([]string{events.SeriesHandedOver, scope.MerchantID}, what...)...),
		Action: events.SeriesHandedOver, MerchantID: scope.MerchantID, Subject: strings.Join(what, " "),
	}
}
