package gst_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
)

// TestFingerprintsOfOldRequestsStay: a stored fingerprint decides whether a request that comes
// again under its key is the same one. Lines may be added to the file and never changed.
func TestFingerprintsOfOldRequestsStay(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/fingerprints.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	fields, lineFields := map[string]bool{}, map[string]bool{}
	compared := 0
	for s := bufio.NewScanner(file); s.Scan(); compared++ {
		var old struct {
			Fingerprint string          `json:"fingerprint"`
			Request     json.RawMessage `json:"request"`
		}
		require.NoError(t, json.Unmarshal(s.Bytes(), &old))
		canonical := parse(t, string(old.Request)).Canonical()
		require.Equal(t, old.Fingerprint, idempotency.Fingerprint(canonical), "%s\n%s", old.Request, canonical)
		collectFields(t, old.Request, fields, lineFields)
	}
	require.GreaterOrEqual(t, compared, 50)
	require.Subset(t, slices.Collect(maps.Keys(fields)), []string{
		"document_type", "invoice_number", "series", "original_invoice_number", "seller_merchant_id", "buyer_gstin",
		"buyer_name", "buyer_address", "invoice_date", "due_date", "supply_type", "place_of_supply", "reverse_charge",
		"total_amount", "items",
	})
	require.Subset(t, slices.Collect(maps.Keys(lineFields)), []string{
		"sku", "description", "hsn", "is_service", "quantity", "unit", "unit_price", "discount", "gst_rate", "cess_amount",
	})
}

// collectFields adds the names of a request's fields and of its lines' fields to the sets.
func collectFields(t *testing.T, request json.RawMessage, fields, lineFields map[string]bool) {
	t.Helper()
	var body map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(request, &body))
	var items []map[string]any
	require.NoError(t, json.Unmarshal(body["items"], &items))
	for name := range body {
		fields[name] = true
	}
	for _, item := range items {
		for name := range item {
			lineFields[name] = true
		}
	}
}
