package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseCount(t *testing.T) {
	t.Parallel()
	c, err := inventory.ParseCount("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	require.NoError(t, err)
	require.Equal(t, inventory.Count{MerchantID: "m", SKU: "SKU", OnHand: 2500}, c)
	for _, body := range []string{
		`{}`, `{"merchant_id":"m","on_hand":-1}`, `{"merchant_id":"m","on_hand":0.0001}`, `{"merchant_id":"","on_hand":1}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			_, err := inventory.ParseCount("SKU", []byte(body))
			require.Error(t, err)
		})
	}
}

func TestParseMovement(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("श", inventory.MaxReason)
	m, err := inventory.ParseMovement("A/B", []byte(`{"merchant_id":"m","delta":"-2.5","reason":"`+long+`"}`))
	require.NoError(t, err)
	require.Equal(t, inventory.Movement{MerchantID: "m", SKU: "A/B", Delta: -2500, Reason: long}, m)
	for name, tc := range map[string]struct{ body, field, code string }{
		"nothing of a body":    {`{"merchant_id":"m","reason":"x"}`, "delta", "required"},
		"no reason":            {`{"merchant_id":"m","delta":1}`, "reason", "required"},
		"an empty reason":      {`{"merchant_id":"m","delta":1,"reason":""}`, "reason", "required"},
		"a long reason":        {`{"merchant_id":"m","delta":1,"reason":"` + long + `x"}`, "reason", "too_long"},
		"a reason of lines":    {`{"merchant_id":"m","delta":1,"reason":"a\nb"}`, "reason", "control_character"},
		"no merchant":          {`{"delta":1,"reason":"x"}`, "merchant_id", "required"},
		"0":                    {`{"merchant_id":"m","delta":0,"reason":"x"}`, "delta", "out_of_range"},
		"0.000":                {`{"merchant_id":"m","delta":"0.000","reason":"x"}`, "delta", "out_of_range"},
		"four decimals":        {`{"merchant_id":"m","delta":0.0001,"reason":"x"}`, "delta", "too_many_decimals"},
		"more than can be":     {`{"merchant_id":"m","delta":-10000000000000.001,"reason":"x"}`, "delta", "out_of_range"},
		"a count":              {`{"merchant_id":"m","delta":1,"reason":"x","on_hand":1}`, "on_hand", "unknown_field"},
		"not a decimal number": {`{"merchant_id":"m","delta":"+1","reason":"x"}`, "delta", "not_a_number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := inventory.ParseMovement("SKU", []byte(tc.body))
			e, ok := errors.AsType[*problem.Error](err)
			require.True(t, ok, "%v", err)
			require.Len(t, e.Fields, 1)
			require.Equal(t, [2]string{tc.field, tc.code}, [2]string{e.Fields[0].Field, e.Fields[0].Code})
		})
	}
}

func FuzzParseCount(f *testing.F) {
	f.Add("SKU", []byte(`{"merchant_id":"m","on_hand":"2.5"}`))
	f.Add("/", []byte(`{"merchant_id":"m","on_hand":-1}`))
	f.Fuzz(func(t *testing.T, sku string, body []byte) {
		c, err := inventory.ParseCount(sku, body)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		require.GreaterOrEqual(t, c.OnHand, money.Quantity(0))
		require.True(t, gst.ValidSKU(sku) && gst.ValidMerchantID(c.MerchantID))
	})
}

func FuzzParseMovement(f *testing.F) {
	f.Add("A/B", []byte(`{"merchant_id":"m","delta":"-2.5","reason":"broken"}`))
	f.Add("A", []byte(`{"merchant_id":"m","delta":-1e16,"reason":"\u202e"}`))
	f.Fuzz(func(t *testing.T, sku string, body []byte) {
		m, err := inventory.ParseMovement(sku, body)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		require.NotZero(t, m.Delta)
		require.LessOrEqual(t, max(m.Delta, -m.Delta), money.MaxQuantity)
		require.NotEmpty(t, m.Reason)
		require.True(t, gst.ValidSKU(sku) && gst.ValidMerchantID(m.MerchantID))
	})
}

func requireRefusal(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, []int{400, 413, 422}, e.Status)
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	none, err := inventory.ParseIfMatch("")
	require.NoError(t, err)
	require.Nil(t, none)
	for _, want := range []int64{0, 7, 1e17} {
		got, err := inventory.ParseIfMatch(inventory.Level{Version: want}.ETag())
		require.NoError(t, err)
		require.Equal(t, want, *got)
	}
	for _, header := range []string{`7`, `"7`, `*`, `W/"7"`, `"7", "8"`, `"07"`, `"-1"`, `""`, `"9999999999999999999"`} {
		_, err := inventory.ParseIfMatch(header)
		require.Equal(t, "if_match_invalid", code(err), header)
	}
}

func FuzzParseIfMatch(f *testing.F) {
	f.Add(`"7"`)
	f.Add(`W/"0"`)
	f.Fuzz(func(t *testing.T, header string) {
		v, err := inventory.ParseIfMatch(header)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		require.True(t, v == nil && header == "" || v != nil && inventory.Level{Version: *v}.ETag() == header)
	})
}
