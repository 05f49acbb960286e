package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseMonth(t *testing.T) {
	t.Parallel()
	for s, valid := range map[string]bool{
		"2025-11": true, "2017-07": true, "2099-12": true,
		"2017-06": false, "2100-01": false, "2025-13": false, "2025-00": false, "2025-1": false, "2025-11-01": false,
		"": false, "november": false, "+025-11": false,
	} {
		m, err := gst.ParseMonth(s)
		require.Equal(t, valid, err == nil, s)
		if valid {
			require.Equal(t, gst.Month(s), m)
		}
	}
}

func TestTheDayAfterAMonth(t *testing.T) {
	t.Parallel()
	for m, want := range map[gst.Month]gst.Date{
		"2025-11": "2025-12-01", "2025-12": "2026-01-01", "2024-02": "2024-03-01", "": "",
	} {
		require.Equal(t, want, m.Next(), m)
	}
	require.Equal(t, gst.Month("2025-11"), gst.Date("2025-11-30").Month())
	require.Empty(t, gst.Date("").Month())
}

// TestAClosedMonthGetsNoDocument of any type; a note of today corrects one of a closed month.
func TestAClosedMonthGetsNoDocument(t *testing.T) {
	t.Parallel()
	const note = `"document_type":"CRN","original_invoice_number":"A-1","original_invoice_date":"2025-11-26",`
	for name, tc := range map[string]struct {
		fields, dated string
		through       gst.Month
		refused       bool
	}{
		"nothing closed":  {buyerIn27, "2025-11-30", "", false},
		"the month":       {buyerIn27, "2025-11-01", "2025-11", true},
		"its last day":    {buyerIn27, "2025-11-30", "2025-11", true},
		"the day after":   {buyerIn27, "2025-12-01", "2025-11", false},
		"a month before":  {buyerIn27, "2024-12-31", "2025-11", true},
		"a note of it":    {note + buyerIn27, "2025-11-30", "2025-11", true},
		"a note of today": {note + buyerIn27, "2025-12-01", "2025-11", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := parse(t, oneLine("1", "100", "18", tc.fields))
			req.InvoiceDate = gst.Date(tc.dated)
			closing := seller
			closing.ClosedThrough = tc.through
			_, assessed := gst.Assess(req, closing, "2025-12-02")
			_, previewed := gst.PreviewOf(req, closing, "2025-12-02")
			require.Equal(t, assessed, previewed, "a preview says the same")
			if !tc.refused {
				require.NoError(t, assessed)
				return
			}
			var e *problem.Error
			require.ErrorAs(t, assessed, &e)
			require.Equal(t, "period_closed", e.Code)
			require.Equal(t, problem.Conflict, e.Kind)
			require.Contains(t, e.Message, "closed through 2025-11; date the document 2025-12-01 or later")
			require.Equal(t, "invoice_date", e.Fields[0].Field)
		})
	}
}
