package main

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
)

// failure is a saga that needs attention, in a list.
type failure struct {
	ID       string     `json:"id"`
	State    saga.State `json:"state"`
	Reason   string     `json:"reason,omitempty"`
	BegunAt  string     `json:"begun_at"`
	EndedAt  string     `json:"ended_at,omitempty"`
	Redrives int        `json:"redrives"`
}

// listSagas pages through a merchant's sagas that are being undone, are stuck, or have failed.
func (h handler) listSagas(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	q := saga.Query{MerchantID: tenant.MerchantID(), Cursor: r.Query("cursor")}
	if q.State, err = oneOf(r, "state", saga.ListedStates()...); err != nil {
		return httpapi.Response{}, err
	}
	if q.Limit, err = r.Limit(); err != nil {
		return httpapi.Response{}, err
	}
	found, next, err := h.sagas.List(ctx, q)
	if err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	for _, s := range found {
		page.Add(failureOf(s))
	}
	return page.JSON("sagas", next)
}

func failureOf(s saga.Record) failure {
	f := failure{ID: s.SagaID, State: s.State, Reason: s.Reason, BegunAt: timestamp(s.BegunAt), Redrives: s.Redrive}
	if s.EndedAt != 0 {
		f.EndedAt = timestamp(s.EndedAt)
	}
	return f
}
