package gst_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

// TestRegisterOfAMonth assesses the documents of one month, of each supply type, whose totals
// were computed in decimals without this package.
func TestRegisterOfAMonth(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/register.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	documents := 0
	for s := bufio.NewScanner(file); s.Scan(); documents++ {
		var entry struct {
			Totals  map[string]money.Paise
			Request json.RawMessage
		}
		require.NoError(t, json.Unmarshal(s.Bytes(), &entry))
		inv := assess(t, string(entry.Request))
		require.Equal(t, entry.Totals, map[string]money.Paise{
			"taxable_value": inv.Totals.TaxableValue, "cgst": inv.Totals.CGST, "igst": inv.Totals.IGST,
			"round_off": inv.Totals.RoundOff, "total": inv.Totals.Total,
		}, inv.InvoiceNumber)
		for _, f := range inv.Compliance.Findings { // the register names the B2C buyers alone
			require.Contains(t, []string{"buyer_name_missing", "buyer_address_missing"}, f.Code, inv.InvoiceNumber)
		}
	}
	require.Equal(t, 15, documents)
}
