//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/tests/framework/data"
	"github.com/invochain/invochain/tests/framework/stack"
)

// TestWholesaler sends 300 invoices to the API, and again to the queue with the same keys.
// There must be 300 invoices with the independently computed totals, 300 audit entries in
// an unbroken chain, and 300 events. It runs alone because of its load.
func TestWholesaler(t *testing.T) {
	f := setup(t)
	requests, err := data.Requests()
	require.NoError(t, err)
	expected, err := data.Totals()
	require.NoError(t, err)
	f.prepareWholesaler(t)
	inbox := f.subscribe(t, events.InvoiceCreated)

	replies := f.sendAll(t, requests)
	for i, r := range replies {
		require.Equal(t, http.StatusCreated, r.Status, "%s: %s", requests[i].Invoice, r.Body)
		require.Equal(t, expected[i], totals(t, r.Body), "%s", requests[i].Invoice)
	}
	for _, r := range requests {
		message, err := json.Marshal(r)
		require.NoError(t, err)
		f.send(t, deployment.RequestsQueue, string(message))
	}
	mine := func(e events.Event) bool { return e.MerchantID == data.Merchant }
	got := drain(t, inbox, mine, len(requests))
	require.Len(t, got, len(requests))
	for _, r := range replies {
		require.Contains(t, got, r.Field("saga_id")+".invoice.created")
		f.awaitState(t, r.Field("saga_id"), "COMPLETED")
	}
	require.Len(t, f.invoices(t, data.Merchant), len(requests))
	f.checkAudit(t, replies)
	f.checkSold(t, requests)
}

// prepareWholesaler creates the merchant and its stock. The file has fixed numbers and keys,
// so a second run on the same stack replays them.
func (f *fixture) prepareWholesaler(t *testing.T) {
	t.Helper()
	f.putMerchant(t, data.Merchant, data.MerchantGSTIN, "strict")
	stock, err := data.Stock()
	require.NoError(t, err)
	for sku, units := range stock {
		f.stock(t, data.Merchant, sku, units)
	}
}

// sendAll posts the requests from eight clients.
func (f *fixture) sendAll(t *testing.T, requests []data.Request) []client.Reply {
	t.Helper()
	replies := make([]client.Reply, len(requests))
	errs := make([]error, len(requests))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i, r := range requests {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			replies[i], errs[i] = f.Create(t.Context(), r.IdempotencyKey, r.Invoice)
		})
	}
	wg.Wait()
	for i, r := range replies {
		require.NoError(t, errs[i])
		require.NoError(t, f.doc.Check(t.Context(), http.MethodPost, "/invoices", r.Status, r.Header, r.Body))
	}
	return replies
}

func totals(t *testing.T, body []byte) data.Expected {
	t.Helper()
	var inv gst.Invoice
	require.NoError(t, json.Unmarshal(body, &inv))
	return data.Expected{
		InvoiceNumber: inv.InvoiceNumber, TaxableValue: inv.Totals.TaxableValue, CGST: inv.Totals.CGST,
		SGST: inv.Totals.SGST, IGST: inv.Totals.IGST, RoundOff: inv.Totals.RoundOff, Total: inv.Totals.Total,
	}
}

func (f *fixture) checkAudit(t *testing.T, replies []client.Reply) {
	t.Helper()
	entries, err := f.logged(t.Context(), data.Merchant)
	require.NoError(t, err)
	require.Len(t, entries, len(replies))
	byInvoice := map[string]audit.Entry{}
	for _, e := range entries {
		byInvoice[e.InvoiceID] = e
	}
	for _, r := range replies {
		require.Equal(t, r.Field("invoice_number"), byInvoice[r.Field("id")].InvoiceNumber)
	}
}

// checkSold waits until the invoiced stock is recorded as sold.
func (f *fixture) checkSold(t *testing.T, requests []data.Request) {
	t.Helper()
	sold := map[string]money.Quantity{}
	for _, r := range requests {
		req, err := gst.ParseRequest(r.Invoice)
		require.NoError(t, err)
		for _, l := range req.StockLines() {
			sold[l.SKU] += l.Quantity
		}
	}
	for sku, want := range sold {
		err := stack.Await(t.Context(), 30*time.Second, func() (bool, error) {
			l, err := f.Stock(t.Context(), data.Merchant, sku)
			if err == nil && (l.Sold != want || l.Reserved != 0) {
				err = fmt.Errorf("%s: sold %s of %s, %s reserved", sku, l.Sold, want, l.Reserved)
			}
			return err == nil, err
		})
		require.NoError(t, err)
	}
}
