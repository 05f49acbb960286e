package gst_test

func lineCases() map[string]findingCase {
	const hsn = "732393"
	toUnregistered, toRegistered := oneLine("1", "100", "18", ""), oneLine("1", "100", "18", buyerIn29)
	service := func(code string) string {
		return edit(edit(toRegistered, hsn, code), `"unit":"NOS"`, `"is_service":true`)
	}
	return map[string]findingCase{
		"no HSN":           {edit(toRegistered, `"hsn":"732393",`, ``), []string{"hsn_missing"}},
		"HSN of 4":         {edit(toRegistered, hsn, "7323"), []string{"hsn_length"}},
		"HSN of 7":         {edit(toUnregistered, hsn, "7323931"), []string{"hsn_length"}},
		"HSN unknown":      {edit(toRegistered, hsn, "777777"), []string{"hsn_unknown"}},
		"HSN of 4 unknown": {edit(toUnregistered, hsn, "0000"), []string{"hsn_unknown"}},
		"HSN of 8 unknown": {edit(toRegistered, hsn, "73239399"), []string{"hsn_unknown"}},
		"HSN of 8":         {edit(toRegistered, hsn, "73239310"), nil},
		"HSN of 4 for B2C": {edit(toUnregistered, hsn, "7323"), nil},
		"service as goods": {edit(toRegistered, hsn, "998314"), []string{"hsn_kind"}},
		"goods as service": {edit(toRegistered, `"unit":"NOS"`, `"is_service":true`), []string{"hsn_kind"}},
		"a service":        {service("998314"), nil},
		"service in NA":    {edit(service("998314"), `"is_service"`, `"unit":"NA","is_service"`), nil},
		"service of 8":     {service("99831400"), []string{"hsn_length"}},
		"goods in NA":      {edit(toUnregistered, `"NOS"`, `"NA"`), []string{"unit_of_services"}},
		"a dear line without HSN": {
			edit(oneLine("1", "49999", "18", named), `"hsn":"732393",`, ``), []string{"hsn_missing"},
		},
		"a cheap line without HSN": {edit(toUnregistered, `"hsn":"732393",`, ``), nil},
		"no description":           {edit(toRegistered, `"description":"x",`, ``), []string{"description_missing"}},
		"no unit":                  {edit(toUnregistered, `"unit":"NOS",`, ``), []string{"unit_missing"}},
	}
}

func rateCases() map[string]findingCase {
	const day = "2025-11-26"
	notInForce := []string{"rate_not_in_force"}
	goods := func(rate string) string { return oneLine("1", "100", rate, "") }
	service := func(rate string) string {
		return edit(edit(goods(rate), `"unit":"NOS"`, `"is_service":true`), "732393", "998314")
	}
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
		"7.5 % service":             {edit(service("7.5"), "998314", "995411"), nil},
		"7.5 % of another service":  {service("7.5"), notInForce},
		"7.5 % goods":               {goods("7.5"), notInForce},
	}
}
