package issuance

import "context"

// position is where a series stands by the last read: the sequence number to allocate, which
// the commit's condition names. It is 0 for an invoice whose number the client gave.
type position int64

// firstPosition returns where this instance last saw the series, else reads it. A stale
// position costs one more attempt, which brings back the right one.
func (a *attempt) firstPosition(ctx context.Context) (position, error) {
	if a.req.Series == "" {
		return 0, nil
	}
	if next, known := a.series.get(a.seriesKey()); known {
		return position(next), nil
	}
	return a.reload(ctx)
}

// reload re-reads the series after the backoff: what was known before it is stale when
// others allocate, and an attempt with it would only fail.
func (a *attempt) reload(ctx context.Context) (position, error) {
	if a.req.Series == "" {
		return 0, nil
	}
	next, err := a.Invoices.NextInSeries(ctx, scopeOf(a.draft), a.req.Series)
	return position(next), err
}

func (a *attempt) seriesKey() string { return scopeOf(a.draft).SeriesKey(a.req.Series) }
