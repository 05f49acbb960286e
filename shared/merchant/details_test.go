package merchant_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/merchant"
)

const detailed = `{"name":"X","gstin":"27AABCU9603R1ZN","trade_name":"Brightway","city":"Pune","pin":"411001",` +
	`"phone":"02041234567","email":"accounts@example.in","name_local":"शर्मा","address_local":"पुणे\nमहाराष्ट्र",` +
	`"turnover":[{"financial_year":"2425","amount":90000000},{"financial_year":"2526","amount":50000000}],` +
	`"e_invoice_exempt":"gta","filing":"quarterly","upi_id":"x.y@okbank","bank":{"account":"0012","ifsc":"HDFC0000001"}}`

// TestDetails stores and reads all of them.
func TestDetails(t *testing.T) {
	t.Parallel()
	p, err := merchant.ParseProfile("m", []byte(detailed))
	require.NoError(t, err)
	s, _ := setup(t)
	require.NoError(t, s.Put(t.Context(), p))
	got, err := s.Get(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, p, got)
	shown, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, strings.Replace(detailed, "{", `{"id":"m","compliance":"strict",`, 1), string(shown))
	require.NoError(t, s.Put(t.Context(), profile("m", pune)))
	got, err = s.Get(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, profile("m", pune), got, "PUT replaces the profile")
}

func TestWrongDetails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ from, to, field, code string }{
		"PIN of another state": {"411001", "560001", "pin", "pin_of_other_state"},
		"PIN from 0":           {"411001", "011001", "pin", "pin_malformed"},
		"PIN of 5":             {"411001", "41100", "pin", "pin_malformed"},
		"PIN as a number":      {`"411001"`, "411001", "pin", "wrong_type"},
		"city of 2":            {"Pune", "Pu", "city", "too_short"},
		"city of 51":           {"Pune", strings.Repeat("P", 51), "city", "too_long"},
		"phone":                {"02041234567", "+91 20 4123", "phone", "phone_malformed"},
		"email":                {"@example.in", "@example", "email", "email_malformed"},
		"email of 101":         {"accounts", strings.Repeat("a", 90), "email", "too_long"},
		"frequency":            {"quarterly", "yearly", "filing", "unknown_value"},
		"quarterly when large": {"50000000}", "50000000.01}", "filing", "filing_not_allowed"},
		"UPI id":               {"x.y@okbank", "x.y", "upi_id", "upi_malformed"},
		"no account":           {`"account":"0012",`, "", "bank.account", "required"},
		"no IFSC":              {`,"ifsc":"HDFC0000001"`, "", "bank.ifsc", "required"},
		"account":              {"0012", "00-12", "bank.account", "account_malformed"},
		"IFSC":                 {"HDFC0", "HDFC1", "bank.ifsc", "ifsc_malformed"},
		"bank":                 {`{"account":"0012","ifsc":"HDFC0000001"}`, "1", "bank", "wrong_type"},
		"branch":               {`"account"`, `"branch":"x","account"`, "bank.branch", "unknown_field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(detailed, tc.from, tc.to, 1)
			require.NotEqual(t, detailed, body)
			_, err := merchant.ParseProfile("m", []byte(body))
			requireFieldError(t, err, tc.field, tc.code)
		})
	}
}
