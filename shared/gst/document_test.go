package gst_test

import "slices"

func documentCases() map[string]findingCase {
	taxed := func(fields string) string { return oneLine("1", "100", "18", fields) }
	numbered := func(number, fields string) string {
		return edit(taxed(fields), `"series":"S"`, `"invoice_number":"`+number+`"`)
	}
	on := func(day, body string) string { return edit(body, "2025-11-26", day) }
	service := edit(taxed(buyerIn29+`"place_of_supply":"96",`), `"unit":"NOS"`, `"is_service":true`)
	carriage := edit(service, "732393", "996511")
	mismatch, zero := []string{"place_of_supply_mismatch"}, []string{"number_zero"}
	both := append(slices.Clone(zero), "number_first_character")
	reverse, payer := `"reverse_charge":true,`, []string{"reverse_charge_without_payer"}
	return map[string]findingCase{
		"export to a state":             {taxed(abroad + `"place_of_supply":"29",`), mismatch},
		"transport abroad, last day":    {on("2023-09-30", carriage), nil},
		"transport abroad, day after":   {on("2023-10-01", carriage), mismatch},
		"transport abroad, before":      {on("2019-01-31", carriage), mismatch},
		"other services abroad in 2022": {on("2022-06-01", edit(carriage, "996511", "998314")), mismatch},
		"28 is legacy":                  {taxed(`"place_of_supply":"28",`), []string{"state_legacy"}},
		"25 in use":                     {on("2020-01-25", taxed(`"place_of_supply":"25",`)), nil},
		"25 merged into 26":             {on("2020-01-26", taxed(`"place_of_supply":"25",`)), []string{"state_legacy"}},
		"number starts with 0":          {numbered("0-1", buyerIn29), []string{"number_first_character"}},
		"number starts with 0, B2C":     {numbered("0-1", ""), nil},
		"number 000, B2C":               {numbered("000", ""), zero},
		"number 0/-":                    {numbered("0/-", buyerIn29), both},
		"number a":                      {numbered("a", buyerIn29), nil},
		"invoice with an original": {
			taxed(buyerIn29 + `"original_invoice_number":"A",`), []string{"original_on_invoice"},
		},
		"reverse charge of B2C":       {taxed(reverse), payer},
		"reverse charge of an export": {taxed(reverse + abroad), payer},
		"reverse charge of DEXP":      {taxed(reverse + `"supply_type":"DEXP",` + buyerIn29), payer},
		"reverse charge of B2B":       {taxed(reverse + buyerIn29), nil},
		"reverse charge of SEZ":       {taxed(reverse + `"supply_type":"SEZWP",` + buyerIn29), nil},
		"IGST in another state":       {taxed(`"igst_on_intra":true,` + buyerIn29), []string{"igst_on_intra_mismatch"}},
		"IGST within the state":       {taxed(`"igst_on_intra":true,` + buyerIn27), nil},
		"reverse charge of a line": {
			edit(taxed(""), `"gst_rate"`, `"reverse_charge":true,"gst_rate"`), payer,
		},
		"reverse charge of one of two lines": {
			edit(taxed(buyerIn29), `"items":[`, `"items":[{"description":"x","hsn":"732393","unit":"NOS","quantity":1,`+
				`"unit_price":1,"gst_rate":18,"reverse_charge":true},`), []string{"reverse_charge_mixed"},
		},
		"reverse charge beside an exempt line": {
			edit(taxed(buyerIn29+reverse), `"items":[`, `"items":[{"description":"x","hsn":"732393","unit":"NOS","quantity":1,`+
				`"unit_price":1,"gst_rate":0,"nature":"exempt"},`), nil,
		},
		"no value": {oneLine("1", "0", "18", buyerIn29), []string{"value_zero"}},
	}
}
