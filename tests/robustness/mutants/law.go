package main

// lawMutants are the guards of what an invoice may say.
func lawMutants() []mutant {
	const gst = "shared/gst/"
	return []mutant{
		{
			"law: a rate ends with its last day", gst + "span.go",
			"(s.until == \"\" || on <= s.until)", "true",
			"./shared/gst", "Notifications|OtherGoods",
		},
		{
			"law: what is left of a rate needs its code", gst + "span.go",
			"return len(s.hsn) == 0 || !s.exception", "return true",
			"./shared/gst", "OtherGoods|CessEnds",
		},
		{
			"law: a note keeps the rate of its original", gst + "rate.go",
			"|| note && on >= s.from)", "|| note)",
			"./shared/gst", "NotesKeep",
		},
		{
			"law: the retail sale price holds the tax", gst + "tax.go",
			"whole += int64(l.GSTRate)", "",
			"./shared/gst", "RetailSalePrice",
		},
	}
}
