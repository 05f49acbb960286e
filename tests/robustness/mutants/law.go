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
		{
			"law: a code is one of the portal's", gst + "linefinding.go",
			"case !hsn.Known(l.HSN):", "case !hsn.Known(\"8471\"):",
			"./shared/gst", "TestFindings",
		},
		{
			"law: a finding names the filings of its document", gst + "finding.go",
			"if slices.Contains(r.filings, filing) {", "if filing != \"\" {",
			"./shared/gst", "TestFindings|WhereADocument",
		},
		{
			"law: advice refuses nothing", gst + "finding.go",
			"return !isAdvice(f.Code) &&", "return (isAdvice(f.Code) || true) &&",
			"./shared/gst", "AroundToday",
		},
		{
			"law: what blocks e-invoices is advice without them", gst + "finding.go",
			"&& !seller.WithoutEInvoice", "",
			"./shared/gst", "WithoutEInvoices",
		},
		{
			"law: nothing is dated after today in India", gst + "document.go",
			"if i.InvoiceDate > today {", "if today == \"\" {",
			"./shared/gst", "AroundToday",
		},
	}
}
