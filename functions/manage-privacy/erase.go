package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/retention"
	"github.com/invochain/invochain/shared/strictjson"
)

// erasureRequest is the body of POST /erasures.
type erasureRequest struct {
	merchantID  string
	identifiers []string
	law         retention.Law
}

func parseErasure(body []byte) (erasureRequest, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return erasureRequest{}, err
	}
	in := erasureRequest{
		merchantID:  strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID),
		identifiers: readSubject(r),
		law:         retention.Law(r.OneOf("law", string(retention.GDPR), string(retention.DPDP))),
	}
	r.Require("subject", "law")
	r.Finish()
	return in, r.Err()
}

// erase erases the contact data of one buyer. A repetition gets the same answer.
func (h handler) erase(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	in, err := parseErasure(body)
	if err != nil {
		return httpapi.Response{}, err
	}
	tenant, err := caller.TenantOf(ctx, in.merchantID)
	if err != nil {
		return httpapi.Response{}, err
	}
	request := erasure.Request{MerchantID: tenant.MerchantID(), Law: in.law, Actor: caller.From(ctx).Client}
	if request.Subjects, err = h.pseudonyms(ctx, request.MerchantID, in.identifiers); err != nil {
		return httpapi.Response{}, err
	}
	if err := h.addDocuments(ctx, &request); err != nil {
		return httpapi.Response{}, err
	}
	e, err := h.erasures.Erase(ctx, request)
	if err != nil {
		return httpapi.Response{}, err
	}
	response, err := httpapi.JSON(http.StatusCreated, onWire(e))
	response.Header = map[string]string{"Location": "/erasures/" + e.ID}
	return response, err
}

// addDocuments says what stays of the buyer's documents, and when the last was processed. They come
// from an index that may lag behind by moments.
func (h handler) addDocuments(ctx context.Context, r *erasure.Request) error {
	var years []string
	for _, subject := range r.Subjects {
		more, last, err := h.documents.YearsOf(ctx, r.MerchantID, subject)
		if err != nil {
			return err
		}
		if years = append(years, more...); last.After(r.Processed) {
			r.Processed = last
		}
	}
	if len(years) == 0 {
		return nil
	}
	seller, err := h.merchants.Get(ctx, r.MerchantID)
	if err != nil {
		return err
	}
	slices.Sort(years)
	for _, year := range slices.Compact(years) {
		kept := retention.Keep(gst.FirstDay(year), seller.GSTIN)
		r.Kept = append(r.Kept, erasure.Kept{
			Fields: statutory(), FinancialYear: year, Until: string(kept.Until), Basis: append(kept.Basis, r.Law.Basis()),
		})
	}
	return nil
}

// statutory lists the fields of a document about its buyer that the law wants (CGST Rules, r.46(d) and
// (e)), where the document has them.
func statutory() []string {
	return []string{"buyer_gstin", "buyer_name", "buyer_address", "ship_to"}
}

func (h handler) erasure(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	e, err := h.erasures.Get(ctx, tenant.MerchantID(), r.Param("id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, onWire(e))
}

// Types of an answer on the wire.
type (
	answer struct {
		ID          string        `json:"id"`
		Law         retention.Law `json:"law"`
		AskedAt     string        `json:"asked_at"`
		EffectiveAt string        `json:"effective_at,omitempty"` // absent while a hold without an end postpones it
		Erased      []string      `json:"erased"`
		Kept        []kept        `json:"kept"`
		Copies      []copied      `json:"copies"`
		HeldBy      []string      `json:"held_by,omitempty"`
	}
	kept struct {
		Fields        []string `json:"fields"`
		FinancialYear string   `json:"financial_year,omitempty"`
		Until         string   `json:"until"`
		Basis         []string `json:"basis"`
	}
	copied struct {
		Where  string `json:"where"`
		GoneBy string `json:"gone_by"`
	}
)

func onWire(e erasure.Erasure) answer {
	a := answer{
		ID: e.ID, Law: e.Law, AskedAt: timestamp(e.AskedAt), Erased: e.Erased, Kept: []kept{}, Copies: []copied{},
		HeldBy: e.HeldBy,
	}
	for _, k := range e.Kept {
		a.Kept = append(a.Kept, kept(k))
	}
	if e.EffectiveAt.IsZero() {
		return a
	}
	a.EffectiveAt = timestamp(e.EffectiveAt)
	for _, c := range erasure.Copies() {
		a.Copies = append(a.Copies, copied{Where: c.Where, GoneBy: timestamp(e.EffectiveAt.Add(c.For))})
	}
	return a
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
