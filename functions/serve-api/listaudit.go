package main

import (
	"context"
	"sort"
	"strconv"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/function/httpapi"
)

// logged is an entry in a list.
type logged struct {
	Place int64 `json:"place"` // in the log, from 0
	audit.Entry
}

// listAudit pages through a merchant's entries of a month, in the order of the log.
func (h handler) listAudit(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	period, err := parseQuery(r, "period", audit.ParsePeriod)
	if err != nil {
		return httpapi.Response{}, err
	}
	if period == "" {
		return httpapi.Response{}, httpapi.InvalidQuery("period", "is required: a month such as 2026-11")
	}
	limit, err := r.Limit()
	if err != nil {
		return httpapi.Response{}, err
	}
	query := tenant.MerchantID() + "\n" + period
	from, err := placeOf(query, r.Query("cursor"))
	if err != nil {
		return httpapi.Response{}, err
	}
	register, err := h.audit.Register(ctx, tenant.MerchantID(), period)
	if err != nil {
		return httpapi.Response{}, err
	}
	return auditPage(register, query, from, limit)
}

// placeOf returns the place from which a page goes on.
func placeOf(query, cursor string) (int64, error) {
	position, err := listing.Position(query, cursor)
	if err != nil || position == "" {
		return 0, err
	}
	place, err := strconv.ParseInt(position, 10, 64)
	if err != nil || place < 0 {
		return 0, listing.Invalid()
	}
	return place, nil
}

// auditPage returns the entries of a register with places from from on, at most limit.
func auditPage(register []audit.Placed, query string, from int64, limit int) (httpapi.Response, error) {
	first := sort.Search(len(register), func(i int) bool { return register[i].Place >= from })
	page, next := httpapi.NewPage(), ""
	for i, e := range register[first:] {
		if i == limit || !page.Add(logged{e.Place, e.Entry}) {
			next = listing.Cursor(query, strconv.FormatInt(e.Place, 10))
			break
		}
	}
	return page.JSON("entries", next)
}
