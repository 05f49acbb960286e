package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// client is a client on the wire. The secret is shown once.
type client struct {
	ID        string      `json:"client_id"`
	Secret    string      `json:"client_secret,omitempty"`
	Merchant  string      `json:"merchant_id,omitempty"`
	Role      caller.Role `json:"role"`
	CreatedAt string      `json:"created_at"`
	RevokedAt string      `json:"revoked_at,omitempty"`
}

func onWire(c caller.Client, secret string) client {
	w := client{ID: c.ID, Secret: secret, Merchant: c.Merchant, Role: c.Role, CreatedAt: timestamp(c.CreatedAt)}
	if !c.RevokedAt.IsZero() {
		w.RevokedAt = timestamp(c.RevokedAt)
	}
	return w
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// list pages through a merchant's clients; through the operators' for an operator that names no
// merchant.
func (h handler) list(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	merchantID := r.Query("merchant_id")
	if by := caller.From(ctx); by.Role != caller.Operator || merchantID != "" {
		tenant, err := caller.TenantOf(ctx, merchantID)
		if err != nil {
			return httpapi.Response{}, err
		}
		merchantID = tenant.MerchantID()
	}
	limit, err := r.Limit()
	if err != nil {
		return httpapi.Response{}, err
	}
	clients, next, err := h.clients.Clients(ctx, merchantID, r.Query("cursor"), limit)
	if err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	for _, c := range clients {
		page.Add(onWire(c, ""))
	}
	return page.JSON("clients", next)
}

// create creates a client. If its answer is lost, the caller creates another, and revokes the one
// that the list shows.
func (h handler) create(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	in, err := parseClient(body)
	if err != nil {
		return httpapi.Response{}, err
	}
	if in.merchantID, err = h.owner(ctx, in); err != nil {
		return httpapi.Response{}, err
	}
	c, secret := caller.NewClient(in.merchantID, in.role), ""
	if err := h.acts.Record(ctx, caller.Created(c, in.reason)); err != nil {
		return httpapi.Response{}, err
	}
	if c, secret, err = h.clients.CreateClient(ctx, c, h.mode); err != nil {
		return httpapi.Response{}, err
	}
	response, err := httpapi.JSON(http.StatusCreated, onWire(c, secret))
	response.Header = map[string]string{"Location": "/clients/" + c.ID}
	return response, err
}

// owner returns the merchant of a new client, which exists; empty for an operator. Only an operator
// creates operators.
func (h handler) owner(ctx context.Context, in newClient) (string, error) {
	if in.role == caller.Operator {
		if caller.From(ctx).Role != caller.Operator {
			return "", invalidField("role", "role_forbidden", "operator can be given by an operator only")
		}
		if in.merchantID != "" {
			return "", invalidField("merchant_id", "not_allowed", "must be absent: an operator has no merchant")
		}
		return "", nil
	}
	tenant, err := caller.TenantOf(ctx, in.merchantID)
	if err != nil {
		return "", err
	}
	_, err = h.merchants.Get(ctx, tenant.MerchantID())
	return tenant.MerchantID(), err
}

// revoke revokes a client for good. It may be repeated.
func (h handler) revoke(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	c, err := h.owned(ctx, r)
	if err == nil {
		err = h.acts.Record(ctx, caller.Revoked(c, ""))
	}
	if err == nil {
		err = h.clients.RevokeClient(ctx, c.ID)
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Status: http.StatusNoContent}, nil
}

// roll gives a client another secret.
func (h handler) roll(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	in, err := parseRoll(body)
	if err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.owned(ctx, r)
	if err != nil {
		return httpapi.Response{}, err
	}
	if err := c.MayRoll(h.now(), in.overlap); err != nil {
		return httpapi.Response{}, ofRoll(err)
	}
	if err := h.acts.Record(ctx, caller.Rolled(c, in.reason)); err != nil {
		return httpapi.Response{}, err
	}
	secret, err := h.clients.RollSecret(ctx, c.ID, h.mode, in.overlap)
	if err != nil {
		return httpapi.Response{}, ofRoll(err)
	}
	return httpapi.JSON(http.StatusOK, onWire(c, secret))
}

// owned reads the client of a path, which the caller may see. An operator may see every client.
func (h handler) owned(ctx context.Context, r httpapi.Request) (caller.Client, error) {
	c, err := h.clients.Client(ctx, r.Param("id"))
	by := caller.From(ctx)
	if errors.Is(err, caller.ErrNoClient) || (err == nil && by.Role != caller.Operator && !by.Tenant.Owns(c.Merchant)) {
		err = &problem.Error{
			Kind: problem.NotFound, Code: "client_not_found", Message: "this merchant has no client with this id",
		}
	}
	return c, err
}
