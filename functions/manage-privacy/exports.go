package main

import (
	"context"
	"net/http"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// exportRequest is the body of POST /subjects/exports.
type exportRequest struct {
	merchantID  string
	identifiers []string
}

func parseExport(body []byte) (exportRequest, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return exportRequest{}, err
	}
	in := exportRequest{
		merchantID:  strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID),
		identifiers: readSubject(r),
	}
	r.Require("subject")
	r.Finish()
	return in, r.Err()
}

// askExport begins an export of what is known of one buyer. A repetition gets the same one.
func (h handler) askExport(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	in, err := parseExport(body)
	if err != nil {
		return httpapi.Response{}, err
	}
	tenant, err := caller.TenantOf(ctx, in.merchantID)
	if err != nil {
		return httpapi.Response{}, err
	}
	request := export.Request{MerchantID: tenant.MerchantID(), Actor: caller.From(ctx).Client}
	if request.Subjects, err = h.pseudonyms(ctx, request.MerchantID, in.identifiers); err != nil {
		return httpapi.Response{}, err
	}
	e, err := h.exports.Ask(ctx, request)
	if err != nil {
		return httpapi.Response{}, err
	}
	path := "/subjects/exports/" + e.ID
	response, err := httpapi.JSON(http.StatusAccepted, askedExport{ID: e.ID, StatusURL: path})
	response.Header = map[string]string{"Location": path}
	return response, err
}

// export does more of an export that is not done, and shows it.
func (h handler) export(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	e, err := h.exports.Get(ctx, tenant.MerchantID(), r.Param("id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, exportOnWire(e))
}

// Types of exports on the wire.
type (
	askedExport struct {
		ID        string `json:"id"`
		StatusURL string `json:"status_url"`
	}
	exportStatus struct {
		ID        string       `json:"id"`
		Status    string       `json:"status"`
		Exported  int          `json:"exported"`
		AskedAt   string       `json:"asked_at"`
		ExpiresAt string       `json:"expires_at"`
		Files     []exportFile `json:"files,omitempty"` // absent until it is done
	}
	exportFile struct {
		URL       string `json:"url"`
		ExpiresAt string `json:"expires_at"`
	}
)

// Statuses of an export.
const (
	running = "running"
	done    = "done"
)

func exportOnWire(e export.Export) exportStatus {
	s := exportStatus{
		ID: e.ID, Status: running, Exported: e.Exported, AskedAt: timestamp(e.AskedAt), ExpiresAt: timestamp(e.ExpiresAt),
	}
	if e.Done {
		s.Status = done
	}
	for _, url := range e.URLs {
		s.Files = append(s.Files, exportFile{URL: url, ExpiresAt: timestamp(e.URLsUntil)})
	}
	return s
}
