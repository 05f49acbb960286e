package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

func TestCancelUntil(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dated, issued gst.Date
		quarterly     bool
		want          gst.Date
	}{
		"first of a month":        {"2026-11-01", "2026-11-01", false, "2026-12-11"},
		"last of a month":         {"2026-11-30", "2026-11-30", false, "2026-12-11"},
		"December":                {"2026-12-31", "2026-12-31", false, "2027-01-11"},
		"31 January":              {"2026-01-31", "2026-01-31", false, "2026-02-11"},
		"issued a month later":    {"2026-10-31", "2026-11-01", false, "2026-12-11"},
		"dated ahead":             {"2026-12-01", "2026-11-30", false, "2027-01-11"},
		"quarter's first month":   {"2026-10-01", "2026-10-01", true, "2027-01-13"},
		"quarter's last month":    {"2026-12-31", "2026-12-31", true, "2027-01-13"},
		"first quarter":           {"2026-03-31", "2026-03-31", true, "2026-04-13"},
		"second quarter":          {"2026-04-01", "2026-04-01", true, "2026-07-13"},
		"quarter, issued in next": {"2026-06-30", "2026-07-01", true, "2026-10-13"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, gst.CancelUntil(tc.dated, tc.issued, tc.quarterly))
		})
	}
}

func TestParseCancelRequest(t *testing.T) {
	t.Parallel()
	c, err := gst.ParseCancelRequest("id", []byte(`{"remark":"twice","reason":"duplicate"}`))
	require.NoError(t, err)
	require.Equal(t, gst.CancelRequest{InvoiceID: "id", Reason: gst.Duplicate, Remark: "twice"}, c)
	require.JSONEq(t, `{"invoice_id":"id","reason":"duplicate","remark":"twice"}`, string(c.Canonical()))
	for body, want := range map[string][2]string{
		`{}`:                                {"reason", "required"},
		`{"reason":"x"}`:                    {"reason", "unknown_value"},
		`{"reason":"other","remark":1}`:     {"remark", "wrong_type"},
		`{"reason":"other","by":"me"}`:      {"by", "unknown_field"},
		`{"reason":"other","remark":"a\n"}`: {"remark", "control_character"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			_, err := gst.ParseCancelRequest("id", []byte(body))
			require.Equal(t, want, fault(t, err))
		})
	}
}

// fault returns the field and the code of the only fault of a request.
func fault(t *testing.T, err error) [2]string {
	t.Helper()
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Len(t, e.Fields, 1)
	return [2]string{e.Fields[0].Field, e.Fields[0].Code}
}
