package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

func (h handler) merchant(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	id := r.Param("id")
	if !caller.From(ctx).Tenant.Owns(id) {
		return httpapi.Response{}, merchant.NotFound()
	}
	m, err := h.merchants.Get(ctx, id)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, m)
}

// putMerchant changes a profile. Only an operator creates one.
func (h handler) putMerchant(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	by := caller.From(ctx)
	if !by.Tenant.Owns(r.Param("id")) {
		return httpapi.Response{}, merchant.NotFound()
	}
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	m, err := merchant.ParseProfile(r.Param("id"), body)
	if err != nil {
		return httpapi.Response{}, err
	}
	put := h.merchants.Replace
	if by.Role == caller.Operator {
		put = h.merchants.Put
	}
	if err := put(ctx, m); err != nil {
		return httpapi.Response{}, err
	}
	if m, err = h.merchants.Get(ctx, m.ID); err != nil { // with what the store sets
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, m)
}

// recordChange returns what records the changes of profiles as administrative acts: the names of
// fields, never their values. An attempt that is repeated is the same act, unless it then changes others.
func recordChange(acts caller.Acts) func(ctx context.Context, c merchant.Change) error {
	return func(ctx context.Context, c merchant.Change) error {
		return acts.Record(ctx, events.Act{
			ID:     events.ActID(append([]string{events.ProfileChanged, c.Write}, c.Fields...)...),
			Action: events.ProfileChanged, MerchantID: c.MerchantID, Subject: strings.Join(c.Fields, ", "),
		})
	}
}
