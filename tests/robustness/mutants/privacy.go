package main

// privacyMutants are the guards of sealed contacts.
func privacyMutants() []mutant {
	const privacy, issuance = "shared/privacy/", "shared/issuance/"
	return []mutant{
		{
			"contact: it opens on its own invoice alone", privacy + "seal.go",
			"sealed[:1+idSize]...), place...)", "sealed[:1+idSize]...), place[:0]...)",
			"./shared/issuance", "AMovedContact",
		},
		{
			"contact: what a former key sealed is erased", privacy + "seal.go",
			"if id != k.ID() {", "if id == \"\" {",
			"./shared/privacy", "FormerKey",
		},
		{
			"contact: an erasure is effective on time", privacy + "store.go",
			"!ends.After(s.now())", "false",
			"./shared/privacy", "OnTime",
		},
		{
			"contact: a remembered key ends with its erasure", privacy + "remember.go",
			"result.until = earlier(result.until, at)", "",
			"./shared/privacy", "DueLater",
		},
		{
			"contact: a buyer has one key", privacy + "store.go",
			"dynamo.Absent().Or(ended)",
			"dynamo.Absent().Or(ended.Or(expression.AttributeExists(expression.Name(\"pk\"))))",
			"./shared/privacy", "HasOneKey",
		},
		{
			"contact: of two first invoices both have the buyer's key", issuance + "decision.go",
			"if met || dynamo.Contended(err) {", "if met && dynamo.Contended(err) {",
			"./shared/issuance", "FirstInvoices",
		},
		{
			"contact: what the law wants is kept", "shared/gst/buyercontact.go",
			" && i.value() < namedBuyerFrom", "",
			"./shared/gst", "TheContactOf",
		},
	}
}
