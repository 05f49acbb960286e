package issuance

// position is a sequence number of a series, which the commit's condition names as the one to allocate
// next. It is 0 for an invoice whose number the client gave.
type position int64

func (a *attempt) seriesKey() string { return scopeOf(a.draft).SeriesKey(a.req.Series) }
