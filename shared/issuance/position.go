package issuance

import "context"

// position is a place in a series: read is where the series stands by the last read,
// which the commit's condition names; next is the sequence number to allocate. They
// differ when numbers in between are taken. The zero position belongs to an invoice whose
// number the client gave.
type position struct{ read, next int64 }

// firstPosition returns where this instance last saw the series, else reads it. A stale
// position costs one more attempt, which brings back the right one.
func (a *attempt) firstPosition(ctx context.Context) (position, error) {
	if a.req.Series == "" {
		return position{}, nil
	}
	if next, known := a.series.get(a.seriesKey()); known {
		return position{next, next}, nil
	}
	return a.reload(ctx, position{})
}

// reload re-reads the series after the backoff: what was known before it is stale when
// others allocate, and an attempt with it would only fail.
func (a *attempt) reload(ctx context.Context, p position) (position, error) {
	if a.req.Series == "" {
		return p, nil
	}
	next, err := a.Invoices.NextInSeries(ctx, scopeOf(a.draft), a.req.Series)
	return position{read: next, next: max(p.next, next)}, err
}

func (a *attempt) seriesKey() string { return scopeOf(a.draft).SeriesKey(a.req.Series) }
