package merchant_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseProfile(t *testing.T) {
	p, err := merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.NoError(t, err)
	require.Equal(t, gst.Strict, p.Compliance, "the default")
	p, err = merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN","e_invoice_exempt":"bank",
		"turnover":[{"financial_year":"2425","amount":"50000000.5"},{"financial_year":"9900","amount":0}]}`))
	require.NoError(t, err)
	require.Equal(t, []gst.Turnover{{FinancialYear: "2425", Amount: 5_00_00_000_50}, {FinancialYear: "9900"}}, p.Turnover)
	read, err := json.Marshal(p)
	require.NoError(t, err)
	again, err := merchant.ParseProfile("m-1", read)
	require.NoError(t, err)
	require.Equal(t, p, again, "what was read can be put")
	for name, body := range map[string]string{
		"nothing required": `{}`,
		"wrong check":      `{"name":"X","gstin":"27AABCU9603R1ZX"}`,
		"legacy state":     `{"name":"X","gstin":"28AABCU9603R1ZL"}`,
		"unknown policy":   `{"name":"X","gstin":"27AABCU9603R1ZN","compliance":"lax"}`,
		"unknown field":    `{"name":"X","gstin":"27AABCU9603R1ZN","x":1}`,
		"another id":       `{"id":"m-2","name":"X","gstin":"27AABCU9603R1ZN"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := merchant.ParseProfile("m-1", []byte(body))
			require.Error(t, err)
		})
	}
	_, err = merchant.ParseProfile("no spaces", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.Error(t, err)
}

func TestEachExemptClassIsTaken(t *testing.T) {
	t.Parallel()
	for _, class := range gst.ExemptClasses() {
		body := `{"name":"X","gstin":"27AABCU9603R1ZN","e_invoice_exempt":"` + class + `"}`
		p, err := merchant.ParseProfile("m-1", []byte(body))
		require.NoError(t, err)
		require.Equal(t, class, p.EInvoiceExempt)
	}
}

// TestTurnoverThatIsRefused: nothing of such a profile is taken.
// requireFieldError checks that one field alone is refused, and its code.
func requireFieldError(t *testing.T, err error, field, code string) {
	t.Helper()
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Len(t, e.Fields, 1)
	require.Equal(t, [2]string{field, code}, [2]string{e.Fields[0].Field, e.Fields[0].Code})
}

func TestTurnoverThatIsRefused(t *testing.T) {
	t.Parallel()
	const yearOfFirst = "turnover[0].financial_year"
	for name, tc := range map[string]struct{ fields, field, code string }{
		"no list":     {`"turnover":{}`, "turnover", "wrong_type"},
		"no object":   {`"turnover":[1]`, "turnover[0]", "wrong_type"},
		"no year":     {`"turnover":[{"amount":1}]`, yearOfFirst, "required"},
		"no amount":   {`"turnover":[{"financial_year":"2425"}]`, "turnover[0].amount", "required"},
		"two apart":   {`"turnover":[{"financial_year":"2426","amount":1}]`, yearOfFirst, "financial_year_malformed"},
		"before GST":  {`"turnover":[{"financial_year":"1617","amount":1}]`, yearOfFirst, "financial_year_malformed"},
		"another way": {`"turnover":[{"financial_year":"2024-25","amount":1}]`, yearOfFirst, "financial_year_malformed"},
		"twice": {
			`"turnover":[{"financial_year":"2425","amount":1},{"financial_year":"2425","amount":2}]`,
			"turnover[1].financial_year", "financial_year_repeated",
		},
		"negative": {`"turnover":[{"financial_year":"2425","amount":-1}]`, "turnover[0].amount", "out_of_range"},
		"unknown":  {`"turnover":[{"financial_year":"2425","amount":1,"x":1}]`, "turnover[0].x", "unknown_field"},
		"too many": {`"turnover":[` + strings.Repeat("{},", 30) + `{}]`, "turnover", "too_many_items"},
		"a class":  {`"e_invoice_exempt":"shop"`, "e_invoice_exempt", "unknown_value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN",`+tc.fields+`}`))
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, []string{tc.field, tc.code}, []string{e.Fields[0].Field, e.Fields[0].Code}, "%v", e.Fields)
		})
	}
}

func TestSellersGSTINMustBeRight(t *testing.T) {
	for gstin, code := range map[string]string{
		"27aabcu9603r1zn": "gstin_malformed", "27AABCU9603R1ZX": "gstin_checksum", "0717UNO00211UN2": "gstin_class",
		"28AABCU9603R1ZL": "state_unknown", "9917SGP29001OST": "gstin_class", "29AABCF8078M1C8": "gstin_class",
	} {
		t.Run(gstin, func(t *testing.T) {
			_, err := merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"`+gstin+`"}`))
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, code, e.Fields[0].Code)
			require.Equal(t, 422, e.Status)
		})
	}
}
