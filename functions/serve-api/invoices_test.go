package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
)

// TestAnInvoiceExplainsItsTax: the rules are not part of the stored invoice, so a list has none.
func TestAnInvoiceExplainsItsTax(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	l.issue(t, 1, items(2, "x"))
	path := "/invoices/" + invoice.IDFromSaga("saga-1")
	r := httpapi.Invoke(t.Context(), l.router().Handler(), lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: path,
	})
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
	require.NoError(t, l.doc.Check(t.Context(), http.MethodGet, path, r.StatusCode, header, []byte(r.Body)))
	var got struct {
		gst.Invoice

		TaxExplanation []gst.LineExplanation `json:"tax_explanation"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.Body), &got))
	require.Equal(t, "saga-1", got.SagaID)
	require.Len(t, got.TaxExplanation, 2)
	require.Equal(t, gst.LineExplanation{
		Field: "items[1]", Head: "IGST", Rule: "IGST Act s.7(1)",
		Reason:      "inter-state: the seller is in state 27, the place of supply is 29",
		Rate:        &gst.RateInForce{Notification: "9/2025-Central Tax (Rate)", From: "2025-09-22"},
		Computation: "IGST: 250 × 18 %", Rounding: "to the paisa, half up",
	}, got.TaxExplanation[1])
	_, listed, _ := l.get(t, url.Values{"expand": {"document"}})
	require.NotContains(t, string(listed), "tax_explanation")
}
