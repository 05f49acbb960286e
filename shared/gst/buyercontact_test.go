package gst_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

const (
	reached   = `"buyer_reference":"C-7","buyer_email":"asha@example.in","buyer_phone":"9822012345",`
	addressed = `"buyer_name":"Asha Rao","buyer_address":"7 Hill Road","buyer_trade_name":"Asha",` +
		`"buyer_name_local":"आशा","buyer_city":"Pune","buyer_pin":"411001","buyer_state":"27",`
)

func TestTheContactOfAnInvoice(t *testing.T) {
	t.Parallel()
	ofAll := []string{
		"buyer_address", "buyer_city", "buyer_email", "buyer_name", "buyer_name_local", "buyer_phone", "buyer_pin",
		"buyer_reference", "buyer_trade_name",
	}
	onlyReached := []string{"buyer_email", "buyer_phone", "buyer_reference"}
	for name, tc := range map[string]struct {
		price, fields string
		want          []string
	}{
		"unregistered":                  {"49999.99", reached + addressed, ofAll},
		"unregistered, above the limit": {"50000", reached + addressed, onlyReached},
		"registered":                    {"100", `"buyer_gstin":"27AAPFU0939F1ZV",` + reached + addressed, onlyReached},
		"export":                        {"100", `"supply_type":"EXPWP",` + reached + addressed, onlyReached},
		"a phone number alone":          {"100", `"buyer_phone":"9822012345",`, []string{"buyer_phone"}},
		"a name alone":                  {"100", addressed, nil},
		"a name and a blank reference":  {"100", `"buyer_reference":" ",` + addressed, nil},
		"registered, nothing to forget": {"100", `"buyer_gstin":"27AAPFU0939F1ZV",` + addressed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := assess(t, oneLine("1", tc.price, "18", tc.fields))
			kept, contact := inv.SplitContact()
			require.Equal(t, tc.want, fieldsOf(t, contact))
			for _, field := range tc.want {
				require.NotContains(t, fieldsOf(t, kept), field)
			}
			require.Equal(t, inv.BuyerState, kept.BuyerState)
			require.Equal(t, inv, kept.WithContact(contact))
		})
	}
}

// fieldsOf returns the names of a document's JSON fields in alphabetical order.
func fieldsOf(t *testing.T, document any) []string {
	t.Helper()
	b, err := json.Marshal(document)
	require.NoError(t, err)
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b, &fields))
	if len(fields) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(fields))
}

func TestTheIdentifierOfABuyer(t *testing.T) {
	t.Parallel()
	all := gst.BuyerDetails{BuyerReference: "C-7", BuyerEmail: "asha@example.in", BuyerPhone: "9822012345"}
	require.Equal(t, "C-7", all.BuyerIdentifier())
	all.BuyerReference = " "
	require.Equal(t, "asha@example.in", all.BuyerIdentifier())
	all.BuyerEmail = ""
	require.Equal(t, "9822012345", all.BuyerIdentifier())
	require.Empty(t, gst.BuyerDetails{}.BuyerIdentifier())
}
