package gst_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// TestRatesOfOtherGoods: what a notification says of some goods does not hold for others.
func TestRatesOfOtherGoods(t *testing.T) {
	for name, tc := range map[string]struct {
		hsn, rate string
		day       gst.Date
		message   string
	}{
		"12 % on laptops": {
			"847130", "12", "2025-12-01",
			"12 % ended on 2025-09-21 (notification 9/2025-Central Tax (Rate)), except for HSN 6815",
		},
		"6 % on laptops": {
			"847130", "6", "2025-12-01", "6 % is only for HSN 6815, 69010010, 69041000, 69051000",
		},
		"28 % on laptops": {"847130", "28", "2025-12-01", "28 % ended on 2025-09-21"},
		"28 % on cigarettes": {
			"240220", "28", "2026-02-01",
			"28 % ended on 2026-01-31 (notification 19/2025-Central Tax (Rate)); " +
				"on 2026-02-01 the rates of this line's kind were 0, 0.1, 5, 18, 40 %",
		},
		"3 % on steel":     {"732393", "3", "2025-12-01", "3 % is only for HSN 71"},
		"40 % too early":   {"220210", "40", "2025-09-21", "40 % began on 2025-09-22"},
		"13 % on anything": {"847130", "13", "2025-12-01", "13 % is not a GST rate"},
		"12 % on unknown":  {"", "12", "2025-12-01", "12 % "},
	} {
		t.Run(name, func(t *testing.T) {
			body := edit(edit(oneLine("1", "100", tc.rate, ""), "2025-11-26", string(tc.day)), `"732393"`, `"`+tc.hsn+`"`)
			inv := assess(t, body)
			require.Equal(t, []string{"rate_not_in_force"}, findingCodes(inv))
			require.Contains(t, inv.Compliance.Findings[0].Message, tc.message)
		})
	}
}

// TestNotesKeepTheRateOfTheirOriginal: the supply that a note corrects may be older than it.
func TestNotesKeepTheRateOfTheirOriginal(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"CRN", "DBN"} {
		for hsn, rates := range map[string][]string{
			"852872": {"12", "28"}, "690410": {"6", "12"}, "240220": {"28"}, "710239": {"1.5", "0.25"},
		} {
			for _, rate := range rates {
				fields := fmt.Sprintf(`"document_type":%q,"original_invoice_number":"A",`, kind)
				note := edit(edit(oneLine("1", "100", rate, fields), "2025-11-26", "2026-11-20"), "732393", hsn)
				require.Empty(t, assess(t, note).Compliance.Findings, "%s %s %s", kind, hsn, rate)
			}
		}
		early := fmt.Sprintf(`"document_type":%q,"original_invoice_number":"A",`, kind)
		note := edit(edit(oneLine("1", "100", "40", early), "2025-11-26", "2025-09-21"), "732393", "852872")
		require.Equal(t, []string{"rate_not_in_force"}, findingCodes(assess(t, note)))
	}
}
