package data_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/tests/framework/data"
)

func TestFilesMatchTheGenerator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "run", "./generate", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range []string{"invoices.jsonl", "expected.jsonl", "stock.json"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		have, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(have), "run go run ./tests/framework/data/generate")
	}
}

func TestAssessMatchesTheExpectedTotals(t *testing.T) {
	t.Parallel()
	requests, err := data.Requests()
	require.NoError(t, err)
	totals, err := data.Totals()
	require.NoError(t, err)
	require.Len(t, requests, 300)
	seller := gst.Seller{GSTIN: data.MerchantGSTIN, Compliance: gst.Strict}
	kinds, keys := map[string]int{}, map[string]bool{}
	for i, r := range requests {
		keys[r.IdempotencyKey] = true
		req, err := gst.ParseRequest(r.Invoice)
		require.NoError(t, err, "%s", r.Invoice)
		inv, err := gst.Assess(req, seller, "")
		require.NoError(t, err, "%s", r.Invoice)
		require.Empty(t, inv.Compliance.Findings, "%s", r.Invoice)
		require.Equal(t, totals[i], data.Expected{
			InvoiceNumber: inv.InvoiceNumber, TaxableValue: inv.Totals.TaxableValue, CGST: inv.Totals.CGST,
			SGST: inv.Totals.SGST, IGST: inv.Totals.IGST, RoundOff: inv.Totals.RoundOff, Total: inv.Totals.Total,
		}, "%s", r.Invoice)
		for _, kind := range kindsOf(inv) {
			kinds[kind]++
		}
	}
	require.Len(t, keys, len(requests))
	for _, kind := range []string{
		"B2B", "B2C", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP", "INV", "CRN", "CGST", "IGST",
		"discount", "SKU", "no SKU", "service",
		"0 % before", "5 % before", "12 % before", "18 % before", "28 % before",
		"0 % from", "5 % from", "18 % from", "40 % from", "28 % from",
	} {
		require.NotZero(t, kinds[kind], kind)
	}
	require.Zero(t, kinds["40 % before"])
}

// kindsOf lists the features of an invoice that the data must cover. Rates are those
// before or from 22 September 2025; 28 % also occurs later, on credit notes for earlier
// sales.
func kindsOf(inv gst.Invoice) []string {
	kinds := []string{inv.SupplyType, inv.DocumentType}
	era := "from"
	if inv.InvoiceDate < "2025-09-22" {
		era = "before"
	}
	seen := map[string]bool{"CGST": inv.Totals.CGST > 0, "IGST": inv.Totals.IGST > 0}
	for _, l := range inv.Items {
		seen[fmt.Sprintf("%s %% %s", money.Paise(l.GSTRate), era)] = true
		seen["discount"] = seen["discount"] || l.Discount > 0
		seen["SKU"] = seen["SKU"] || l.SKU != ""
		seen["no SKU"] = seen["no SKU"] || l.SKU == "" && !l.IsService
		seen["service"] = seen["service"] || l.IsService
	}
	for kind, is := range seen {
		if is {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func TestCreditNotesMatchTheirInvoices(t *testing.T) {
	t.Parallel()
	requests, err := data.Requests()
	require.NoError(t, err)
	sent := map[string]gst.Request{}
	for _, r := range requests {
		req, err := gst.ParseRequest(r.Invoice)
		require.NoError(t, err)
		if req.DocumentType == gst.TypeInvoice {
			sent[req.InvoiceNumber] = req
			continue
		}
		original, earlier := sent[req.OriginalInvoiceNumber]
		require.True(t, earlier, "%s: earlier, and not credited twice", req.InvoiceNumber)
		delete(sent, req.OriginalInvoiceNumber)
		require.GreaterOrEqual(t, req.InvoiceDate, original.InvoiceDate)
		require.Equal(t, original.BuyerGSTIN, req.BuyerGSTIN)
		require.Subset(t, original.Items, req.Items)
	}
}

func TestStockSuffices(t *testing.T) {
	t.Parallel()
	requests, err := data.Requests()
	require.NoError(t, err)
	levels, err := data.Stock()
	require.NoError(t, err)
	taken := map[string]money.Quantity{}
	for _, r := range requests {
		req, err := gst.ParseRequest(r.Invoice)
		require.NoError(t, err)
		for _, l := range req.StockLines() {
			taken[l.SKU] += l.Quantity
		}
	}
	for sku, quantity := range taken {
		require.LessOrEqual(t, quantity, money.Quantity(levels[sku]*1000), sku)
	}
}
