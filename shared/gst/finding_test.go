package gst_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

type findingCase struct {
	body  string
	codes []string
}

func buyerCases() map[string]findingCase {
	named := `"buyer_name":"A","buyer_address":"B",`
	taxed := func(fields string) string { return oneLine("1", "100", "18", fields) }
	total := lines(0, "", `"total_amount":50000,`)
	return map[string]findingCase{
		"none":                       {taxed(buyerIn29), nil},
		"unnamed buyer of 50,000":    {oneLine("500", "100", "0", ""), []string{"buyer_address_missing"}},
		"50,000 only with the tax":   {oneLine("499.99", "100", "18", ""), nil},
		"total of 50,000, no lines":  {total, []string{"buyer_address_missing", "no_items"}},
		"named buyer of 50,000":      {oneLine("500", "100", "0", named), nil},
		"SEZ without a GSTIN":        {taxed(`"supply_type":"SEZWP",`), []string{"gstin_missing"}},
		"buyer of an unknown state":  {taxed(`"buyer_gstin":"45AABCU9603R1ZP",`), []string{"state_unknown"}},
		"buyer abroad":               {taxed(`"buyer_gstin":"9917SGP29001OST",`), []string{"gstin_class"}},
		"UN body":                    {taxed(`"buyer_gstin":"0717UNO00211UN2",`), nil},
		"B2C to a buyer with GSTIN":  {taxed(buyerIn29 + `"supply_type":"B2C",`), []string{"supply_type_mismatch"}},
		"wrong checksum and no item": {literal, []string{"gstin_checksum", "no_items"}},
	}
}

func documentCases() map[string]findingCase {
	exportToState := oneLine("1", "100", "18", `"supply_type":"EXPWP","place_of_supply":"29",`)
	first := edit(oneLine("1", "100", "18", buyerIn29), `"series":"S"`, `"invoice_number":"0-1"`)
	return map[string]findingCase{
		"export to a state":    {exportToState, []string{"place_of_supply_mismatch"}},
		"legacy state":         {oneLine("1", "100", "18", `"place_of_supply":"28",`), []string{"state_legacy"}},
		"number starts with 0": {first, []string{"number_first_character"}},
	}
}

func lineCases() map[string]findingCase {
	const hsn = "732393"
	toUnregistered, toRegistered := oneLine("1", "100", "18", ""), oneLine("1", "100", "18", buyerIn29)
	return map[string]findingCase{
		"no HSN":           {edit(toRegistered, `"hsn":"732393",`, ``), []string{"hsn_missing"}},
		"HSN of 4":         {edit(toRegistered, hsn, "7323"), []string{"hsn_length"}},
		"HSN of 7":         {edit(toUnregistered, hsn, "7323931"), []string{"hsn_length"}},
		"HSN unknown":      {edit(toRegistered, hsn, "777777"), []string{"hsn_unknown"}},
		"HSN of 4 unknown": {edit(toUnregistered, hsn, "0000"), []string{"hsn_unknown"}},
		"HSN of 8 unknown": {edit(toRegistered, hsn, "73239399"), []string{"hsn_unknown"}},
		"HSN of 8":         {edit(toRegistered, hsn, "73239310"), nil},
		"HSN of 4 for B2C": {edit(toUnregistered, hsn, "7323"), nil},
		"no unit":          {edit(toUnregistered, `"unit":"NOS",`, ``), []string{"unit_missing"}},
	}
}

func rateCases() map[string]findingCase {
	const day = "2025-11-26"
	notInForce := []string{"rate_not_in_force"}
	goods := func(rate string) string { return oneLine("1", "100", rate, "") }
	service := func(rate string) string { return edit(goods(rate), `"unit":"NOS"`, `"is_service":true`) }
	note := func(rate, kind string) string {
		return oneLine("1", "100", rate, `"document_type":"`+kind+`","original_invoice_number":"A",`)
	}
	return map[string]findingCase{
		"12 % after its end":        {goods("12"), notInForce},
		"12 % on its last day":      {edit(goods("12"), day, "2025-09-21"), nil},
		"40 % before its first day": {edit(goods("40"), day, "2025-09-21"), notInForce},
		"40 % on its first day":     {edit(goods("40"), day, "2025-09-22"), nil},
		"note of an old 12 %":       {edit(note("12", "CRN"), day, "2025-09-22"), nil},
		"note of a rate never used": {note("13", "CRN"), notInForce},
		"note before 40 %":          {edit(note("40", "DBN"), day, "2025-09-21"), notInForce},
		"28 % service":              {service("28"), notInForce},
		"7.5 % service":             {edit(service("7.5"), "732393", "995411"), nil},
		"7.5 % of another service":  {edit(service("7.5"), "732393", "998314"), notInForce},
		"7.5 % goods":               {goods("7.5"), notInForce},
	}
}

func TestFindings(t *testing.T) {
	for group, cases := range map[string]map[string]findingCase{
		"buyer": buyerCases(), "document": documentCases(), "line": lineCases(), "rate": rateCases(),
	} {
		for name, tc := range cases {
			t.Run(group+"/"+name, func(t *testing.T) {
				var codes []string
				for _, f := range assess(t, tc.body).Compliance.Findings {
					codes = append(codes, f.Code)
					require.NotEmpty(t, f.Blocks)
					require.NotEmpty(t, f.Message)
				}
				require.Equal(t, tc.codes, codes)
				requireRefusedIfStrict(t, tc)
			})
		}
	}
}

// requireRefusedIfStrict checks that a strict seller's request is refused for any finding.
func requireRefusedIfStrict(t *testing.T, tc findingCase) {
	t.Helper()
	strict := seller
	strict.Compliance = gst.Strict
	_, err := gst.Assess(parse(t, tc.body), strict)
	if tc.codes == nil {
		require.NoError(t, err)
		return
	}
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "compliance_findings", e.Code)
	require.Len(t, e.Extensions["findings"], len(tc.codes))
}
