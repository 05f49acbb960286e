package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/gst"
)

const exportOfBuyer = `{"subject":{"email":"Asha@Example.in"}}`

// holdings are the invoices and the files of exports: the buyer has one invoice.
type holdings struct {
	*fixture

	files map[string][]byte
}

func (c holdings) OfSubject(
	ctx context.Context, _, subject, _ string, _ int, take func(gst.Invoice, gst.Date) error,
) (string, error) {
	known, err := c.keys.Subject(ctx, "m", buyer)
	if err != nil || subject != known {
		return "", err
	}
	return "", take(gst.Invoice{InvoiceNumber: "A-1", InvoiceDate: "2025-11-26"}, "2034-03-31")
}

func (c holdings) Put(_ context.Context, name string, data []byte) error {
	c.files[name] = data
	return nil
}

func (holdings) URL(_ context.Context, name string) (string, error) {
	return "https://exports.example/" + name, nil
}

func TestExport(t *testing.T) {
	t.Parallel()
	f := setup(t)
	status, asked := f.call(t, http.MethodPost, "/subjects/exports", exportOfBuyer)
	require.Equal(t, http.StatusAccepted, status)
	id := asked["id"].(string)
	require.Equal(t, "/subjects/exports/"+id, asked["status_url"])
	_, again := f.call(t, http.MethodPost, "/subjects/exports", exportOfBuyer)
	require.Equal(t, asked, again)
	status, e := f.call(t, http.MethodGet, "/subjects/exports/"+id, "")
	require.Equal(t, http.StatusOK, status)
	url := e["files"].([]any)[0].(map[string]any)["url"].(string)
	require.True(t, strings.HasPrefix(url, "https://exports.example/"+id+"/0001-"), url)
	require.Equal(t, map[string]any{
		"id": id, "status": "done", "exported": 1.0, "asked_at": "2026-11-29T09:00:00.000Z",
		"expires_at": "2026-12-05T09:00:00.000Z",
		"files":      []any{map[string]any{"url": url, "expires_at": "2026-11-29T09:10:00.000Z"}},
	}, e)
	require.Len(t, f.sent, 1)
	require.Equal(t, "buyer.exported", f.sent[0].Act.Action)
	require.NotContains(t, strings.ToLower(f.log.String()), buyer)

	status, p := f.call(t, http.MethodPost, "/subjects/exports", `{"law":"gdpr"}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "invalid_request", p["code"])
	status, p = f.call(t, http.MethodPost, "/subjects/exports", `{}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "subject", p["errors"].([]any)[0].(map[string]any)["field"])
}

// TestExportOfABuyerThatNeverWas is done at once, without a file.
func TestExportOfABuyerThatNeverWas(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, asked := f.call(t, http.MethodPost, "/subjects/exports", `{"subject":{"phone":"9812345678"}}`)
	_, e := f.call(t, http.MethodGet, "/subjects/exports/"+asked["id"].(string), "")
	require.Equal(t, []any{"done", 0.0, nil}, []any{e["status"], e["exported"], e["files"]})
}

func TestWhoMayExport(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, asked := f.call(t, http.MethodPost, "/subjects/exports", exportOfBuyer)
	path := "/subjects/exports/" + asked["id"].(string)
	f.guard = callertest.Guard(caller.Admin, "other")
	status, p := f.call(t, http.MethodGet, path, "")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, "export_not_found", p["code"])
	status, _ = f.call(t, http.MethodGet, path+"?merchant_id=m", "")
	require.Equal(t, http.StatusForbidden, status)
	status, _ = f.call(t, http.MethodPost, "/subjects/exports", `{"merchant_id":"m",`+exportOfBuyer[1:])
	require.Equal(t, http.StatusForbidden, status)
}

// TestIDsThatAreNoKeys: of 2,000 characters, which DynamoDB takes for no key, and one too short.
func TestIDsThatAreNoKeys(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, id := range []string{strings.Repeat("x", 2000), "ex_1"} {
		for folder, code := range map[string]string{
			"/subjects/exports/": "export_not_found", "/erasures/": "erasure_not_found",
		} {
			status, p := f.call(t, http.MethodGet, folder+id, "")
			require.Equal(t, http.StatusNotFound, status)
			require.Equal(t, code, p["code"])
		}
	}
}
