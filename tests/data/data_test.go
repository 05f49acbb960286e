package data_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/tests/data"
)

func TestFilesAreWhatTheGeneratorWrites(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "run", "./generate", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range []string{"invoices.jsonl", "expected.jsonl", "stock.json"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		have, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(have), "run go run ./tests/data/generate")
	}
}

func TestAssessAgreesWithTheSpreadsheet(t *testing.T) {
	requests, err := data.Requests()
	require.NoError(t, err)
	totals, err := data.Totals()
	require.NoError(t, err)
	require.Len(t, requests, 300)
	seller := domain.Merchant{ID: data.Merchant, GSTIN: data.MerchantGSTIN, Compliance: domain.Strict}
	kinds := map[string]int{}
	for i, r := range requests {
		req, err := domain.ParseRequest(r.Invoice)
		require.NoError(t, err, "%s", r.Invoice)
		inv, err := domain.Assess(req, seller)
		require.NoError(t, err, "%s", r.Invoice)
		require.Equal(t, totals[i], data.Expected{
			InvoiceNumber: inv.InvoiceNumber, TaxableValue: inv.Totals.TaxableValue, CGST: inv.Totals.CGST,
			SGST: inv.Totals.SGST, IGST: inv.Totals.IGST, RoundOff: inv.Totals.RoundOff, Total: inv.Totals.Total,
		}, "%s", r.Invoice)
		kinds[inv.SupplyType]++
		kinds[inv.DocumentType]++
	}
	for _, kind := range []string{"B2B", "B2C", "SEZWP", "EXPWP", "EXPWOP", "INV", "CRN"} {
		require.NotZero(t, kinds[kind], kind)
	}
}
