package gst_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// shown are fields that an invoice shows as they were sent.
const shown = `"buyer_trade_name":"Brightway","buyer_name_local":"ब्राइटवे","buyer_city":"Bengaluru",` +
	`"buyer_pin":"560025","buyer_state":"29","buyer_phone":"08022221111","buyer_email":"accounts@brightway.example",` +
	`"buyer_reference":"customer 7/अ",` +
	`"ship_to":{"gstin":"29AABCU9603R1ZJ","name":"Depot","address":"1 Quay Road","city":"Mangaluru","pin":"575001",` +
	`"state":"29"},` +
	`"dispatch_from":{"name":"Works","address":"2 Mill Lane","city":"Pune","pin":"411001","state":"27"},` +
	`"export":{"shipping_bill_number":"1234567","shipping_bill_date":"2025-11-27","port_code":"INNSA1","country":"US",` +
	`"currency":"USD","exchange_rate":88.7125,"total_in_currency":13.3,"lut":"AD270318000001X"},` +
	`"transport":{"transporter_id":"27AAACI1681G1ZP","transporter_name":"Swift Lorries","mode":"road","distance_km":980,` +
	`"document_number":"LR/17","document_date":"2025-11-26","vehicle_number":"MH12AB1234","vehicle_type":"regular"},` +
	`"ecommerce_gstin":"27AAACI1681G1CC","reference":"Q3/7","purchase_order":"PO-9","external_id":"order-42",` +
	`"notes":"Thank you","terms":"30 days","period":{"from":"2025-11-01","to":"2025-11-30"},` +
	`"metadata":{"channel":"web","batch.no":"7"},`

// shownFields returns shown with the check character of its GSTIN.
func shownFields() string {
	g := gst.GSTIN("27AAACI1681G1CC")
	return strings.Replace(shown, string(g), string(g[:14])+string(g.CheckCharacter()), 1)
}

func TestParticularsAreShownAsSent(t *testing.T) {
	t.Parallel()
	fields := shownFields()
	req := parse(t, oneLine("1", "1000", "18", buyerIn29+fields))
	again := parse(t, string(req.Canonical()))
	require.Equal(t, string(req.Canonical()), string(again.Canonical()))
	inv := assess(t, oneLine("1", "1000", "18", buyerIn29+fields))
	require.Empty(t, inv.Compliance.Findings)
	requireRoundTrip(t, inv)
	var sent, got map[string]any
	require.NoError(t, json.Unmarshal([]byte("{"+strings.TrimSuffix(fields, ",")+"}"), &sent))
	b, err := json.Marshal(inv)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &got))
	for name, value := range sent {
		require.Equal(t, value, got[name], name)
	}
}

// TestEmptyParticularsAreAbsent: they leave the fingerprint of a request as it is.
func TestEmptyParticularsAreAbsent(t *testing.T) {
	t.Parallel()
	plain := parse(t, oneLine("1", "1", "18", ""))
	empty := parse(t, oneLine("1", "1", "18", `"export":{},"transport":{"mode":""},"metadata":{"a":""},"ship_to":null,`+
		`"reference":"","tcs":{},"other_charges":[],`))
	require.Equal(t, string(plain.Canonical()), string(empty.Canonical()))
}

func TestWrongParticulars(t *testing.T) {
	t.Parallel()
	pairs := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`"k%d":"v"`, i))
		}
		return `"metadata":{` + strings.Join(all, ",") + `},`
	}
	party := func(state, pin, gstin string) string {
		const ship = `"ship_to":{"name":"x","address":"y","city":"Pune","state":%q,"pin":%q,"gstin":%q},`
		return fmt.Sprintf(ship, state, pin, gstin)
	}
	for fields, want := range map[string]string{
		buyerIn29 + `"buyer_pin":"411001",`:        "buyer_pin pin_of_other_state",
		buyerIn29 + `"buyer_state":"27",`:          "buyer_state state_mismatch",
		`"buyer_state":"27","buyer_pin":"560025",`: "buyer_pin pin_of_other_state",
		`"buyer_state":"45",`:                      "buyer_state state_unknown",
		`"buyer_pin":"4110",`:                      "buyer_pin pin_malformed",
		`"buyer_city":"Ly",`:                       "buyer_city too_short",
		`"buyer_phone":"+91",`:                     "buyer_phone phone_malformed",
		`"buyer_email":"a@b",`:                     "buyer_email email_malformed",
		`"buyer_reference":"a\u0007",`:             "buyer_reference control_character",
		party("27", "560025", ""):                  "ship_to.pin pin_of_other_state",
		party("29", "560025", "27AAACI1681G1ZP"):   "ship_to.state state_mismatch",
		party("27", "411001", "27AAACI1681G1ZQ"):   "ship_to.gstin gstin_checksum",
		`"dispatch_from":{"name":"x","address":"y","city":"Pune","state":"27"},`: "dispatch_from.pin required",
		`"ship_to":"Pune",`:                                    "ship_to wrong_type",
		`"export":{"currency":"USD"},`:                         "export.exchange_rate required",
		`"export":{"currency":"USD","exchange_rate":0},`:       "export.exchange_rate out_of_range",
		`"export":{"currency":"RUP"},`:                         "export.currency currency_unknown",
		`"export":{"country":"UK"},`:                           "export.country country_unknown",
		`"export":{"port_code":"INNSA-1"},`:                    "export.port_code port_malformed",
		`"export":{"shipping_bill_number":"1/2"},`:             "export.shipping_bill_number shipping_bill_malformed",
		`"transport":{"distance_km":4001},`:                    "transport.distance_km out_of_range",
		`"transport":{"distance_km":1.5},`:                     "transport.distance_km too_many_decimals",
		`"transport":{"mode":"camel"},`:                        "transport.mode unknown_value",
		`"transport":{"transporter_id":"Swift"},`:              "transport.transporter_id transporter_malformed",
		`"transport":{"vehicle_number":"MH 12"},`:              "transport.vehicle_number vehicle_malformed",
		`"transport":{"document_number":"lr 17"},`:             "transport.document_number transport_document_malformed",
		`"ecommerce_gstin":"27AAACI1681G1ZP",`:                 "ecommerce_gstin gstin_class",
		`"period":{"from":"2025-11-30","to":"2025-11-01"},`:    "period.to period_reversed",
		`"period":{"from":"2025-11-30"},`:                      "period.to required",
		pairs(51):                                              "metadata too_many_items",
		`"metadata":["x"],`:                                    "metadata wrong_type",
		`"metadata":{"a b":"x"},`:                              "metadata.a b key_malformed",
		`"metadata":{"` + strings.Repeat("k", 41) + `":"x"},`:  "metadata." + strings.Repeat("k", 41) + " key_malformed",
		`"metadata":{"k":"` + strings.Repeat("v", 501) + `"},`: "metadata.k too_long",
		`"metadata":{"k":1},`:                                  "metadata.k wrong_type",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, _, faults := refusal(t, oneLine("1", "1", "18", fields))
			field, code := want[:strings.LastIndex(want, " ")], want[strings.LastIndex(want, " ")+1:]
			require.Equal(t, map[string]string{field: code}, faults)
		})
	}
	require.Len(t, parse(t, oneLine("1", "1", "18", pairs(50))).Metadata, 50)
}

func TestIGSTWithinAState(t *testing.T) {
	t.Parallel()
	const flag = `"igst_on_intra":true,`
	p := preview(t, oneLine("1", "100", "18", buyerIn27+flag))
	require.Equal(t, []money.Paise{0, 18_00}, []money.Paise{p.Draft.Totals.CGST, p.Draft.Totals.IGST})
	require.True(t, p.Draft.IGSTOnIntra)
	require.Empty(t, p.Draft.Compliance.Findings)
	require.Equal(t, "IGST", p.TaxExplanation[0].Head)
	require.Equal(t, "IGST Act s.7(5)(c)", p.TaxExplanation[0].Rule)
	between := preview(t, oneLine("1", "100", "18", buyerIn29+flag))
	require.Equal(t, "IGST Act s.7(1)", between.TaxExplanation[0].Rule)
	require.Equal(t, []string{"igst_on_intra_mismatch"}, findingCodes(between.Draft))
}
