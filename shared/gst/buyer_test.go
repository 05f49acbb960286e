package gst_test

import (
	"slices"
	"strings"
)

// abroad is a named buyer of an export, as fields for oneLine.
const abroad = `"supply_type":"EXPWP","buyer_name":"Lakeside Imports","buyer_address":"200 Shore Drive, Chicago",`

func buyerCases() map[string]findingCase {
	taxed := func(fields string) string { return oneLine("1", "100", "18", fields) }
	total := lines(0, "", `"total_amount":50000,`)
	unnamed := []string{"buyer_name_missing", "buyer_address_missing"}
	with := func(field, text string) string {
		return taxed(`"buyer_gstin":"29AABCU9603R1ZJ",` + strings.Replace(named, field, text, 1))
	}
	return map[string]findingCase{
		"none":                      {taxed(buyerIn29), nil},
		"unnamed buyer of 50,000":   {oneLine("500", "100", "0", ""), unnamed},
		"50,000 only with the tax":  {oneLine("499.99", "100", "18", ""), nil},
		"total of 50,000, no lines": {total, append(slices.Clone(unnamed), "no_items")},
		"named buyer of 50,000":     {oneLine("500", "100", "0", named), nil},
		"SEZ without a GSTIN":       {taxed(`"supply_type":"SEZWP",` + named), []string{"gstin_missing"}},
		"zone with a plain GSTIN":   {taxed(`"supply_type":"SEZWP",` + buyerIn29), nil},
		"zone with a UIN": {
			taxed(`"supply_type":"SEZWOP","buyer_gstin":"0717UNO00211UN2",` + named), []string{"sez_buyer_class"},
		},
		"trade name in Hindi":        {taxed(`"buyer_trade_name":"शर्मा",` + buyerIn29), []string{"text_not_latin"}},
		"local name in Hindi":        {taxed(`"buyer_name_local":"शर्मा",` + buyerIn29), nil},
		"buyer of an unknown state":  {taxed(`"buyer_gstin":"45AABCU9603R1ZP",` + named), []string{"state_unknown"}},
		"buyer abroad":               {taxed(`"buyer_gstin":"9917SGP29001OST",` + named), []string{"gstin_class"}},
		"UN body":                    {taxed(`"buyer_gstin":"0717UNO00211UN2",` + named), nil},
		"B2C to a buyer with GSTIN":  {taxed(buyerIn29 + `"supply_type":"B2C",`), []string{"supply_type_mismatch"}},
		"wrong checksum and no item": {literal, append([]string{"gstin_checksum"}, append(unnamed, "no_items")...)},
		"the seller itself":          {taxed(`"buyer_gstin":"27AABCU9603R1ZN",` + named), []string{"buyer_is_seller"}},
		"the seller's own branch":    {taxed(`"buyer_gstin":"29AABCU9603R1ZJ",` + named), nil},
		"export to a GSTIN":          {taxed(abroad + `"buyer_gstin":"29AABCU9603R1ZJ",`), []string{"export_buyer_gstin"}},
		"B2B without name":           {taxed(`"buyer_gstin":"29AABCU9603R1ZJ",`), unnamed},
		"export without name":        {taxed(`"supply_type":"EXPWOP",`), unnamed},
		"small B2C without name":     {taxed(""), nil},
		"name of blanks":             {with("Brightway Stores", "   "), []string{"buyer_name_missing"}},
		"name of two letters":        {with("Brightway Stores", "AB"), []string{"buyer_name_missing"}},
		"address of 200":             {with("7 Brigade Road", strings.Repeat("é", 200)), nil},
		"address of 201":             {with("7 Brigade Road", strings.Repeat("é", 201)), []string{"buyer_address_long"}},
		"name in Hindi":              {with("Brightway Stores", "शर्मा ट्रेडर्स"), []string{"text_not_latin"}},
		"address in Tamil":           {with("7 Brigade Road", "7 அண்ணா சாலை"), []string{"text_not_latin"}},
		"name with emoji and accent": {with("Brightway Stores", "Café Goa 🥭"), nil},
		"B2C in Hindi":               {oneLine("500", "100", "0", strings.Replace(named, "Brightway Stores", "रवि", 1)), nil},
	}
}
