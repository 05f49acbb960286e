package main

import (
	"context"
	"net/http"
	"regexp"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// holdRequest is the body of PUT /holds/{id}.
type holdRequest struct {
	merchantID  string
	reason      string
	identifiers []string // nil for all buyers
	until       gst.Date
}

const maxReason = 200 // characters

var holdID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// parseHold reads the hold of an id. Today is the day in India.
func parseHold(id string, body []byte, today gst.Date) (holdRequest, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return holdRequest{}, err
	}
	if !holdID.MatchString(id) {
		r.Fail("id", "hold_malformed", "must be 1 to 64 letters, digits, dots, hyphens and underscores, no mark first")
	}
	in := holdRequest{
		merchantID: strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID),
		reason:     r.Text("reason", maxReason), identifiers: readSubject(r),
		until: strictjson.Matching(r, "until", "date_invalid", gst.ParseDate),
	}
	if in.until != "" && in.until < today {
		r.Fail("until", "in_the_past", "must not be before today, "+string(today))
	}
	r.Require("reason")
	r.Finish()
	return in, r.Err()
}

// putHold puts a hold in force. A repetition changes nothing.
func (h handler) putHold(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	in, err := parseHold(r.Param("id"), body, gst.DayInIndia(h.now()))
	if err != nil {
		return httpapi.Response{}, err
	}
	tenant, err := caller.TenantOf(ctx, in.merchantID)
	if err != nil {
		return httpapi.Response{}, err
	}
	subjects, err := h.pseudonyms(ctx, tenant.MerchantID(), in.identifiers)
	if err != nil {
		return httpapi.Response{}, err
	}
	put, err := h.erasures.PutHold(ctx, tenant.MerchantID(), erasure.Hold{
		ID: r.Param("id"), Reason: in.reason, Subjects: subjects, Until: in.until, CreatedBy: caller.From(ctx).Client,
	})
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, shown(put))
}

func (h handler) liftHold(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	err = h.erasures.LiftHold(ctx, tenant.MerchantID(), r.Param("id"), caller.From(ctx).Client)
	return httpapi.Response{Status: http.StatusNoContent}, err
}

func (h handler) holds(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	all, err := h.erasures.Holds(ctx, tenant.MerchantID())
	if err != nil {
		return httpapi.Response{}, err
	}
	list := struct {
		Holds []hold `json:"holds"`
	}{Holds: []hold{}}
	for _, one := range all {
		list.Holds = append(list.Holds, shown(one))
	}
	return httpapi.JSON(http.StatusOK, list)
}

// hold is a hold on the wire. It does not name the buyer, whose identifiers are not stored.
type hold struct {
	ID        string   `json:"id"`
	Reason    string   `json:"reason"`
	Covers    string   `json:"covers"`
	Until     gst.Date `json:"until,omitempty"`
	CreatedAt string   `json:"created_at"`
	CreatedBy string   `json:"created_by"`
}

// What a hold covers.
const (
	allBuyers = "all_buyers"
	oneBuyer  = "one_buyer"
)

func shown(h erasure.Hold) hold {
	covers := allBuyers
	if h.Subjects != nil {
		covers = oneBuyer
	}
	return hold{
		ID: h.ID, Reason: h.Reason, Covers: covers, Until: h.Until, CreatedAt: timestamp(h.CreatedAt), CreatedBy: h.CreatedBy,
	}
}
