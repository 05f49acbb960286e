package main

// gstMutants are the guards of what an invoice may say.
func gstMutants() []mutant {
	const gst = "shared/gst/"
	return []mutant{
		{
			"gst: a rate ends with its last day", gst + "span.go",
			"(s.until == \"\" || on <= s.until)", "true",
			"./shared/gst", "Notifications|OtherGoods",
		},
		{
			"gst: what is left of a rate needs its code", gst + "span.go",
			"return len(s.hsn) == 0 || !s.exception", "return true",
			"./shared/gst", "OtherGoods|CessEnds",
		},
		{
			"gst: a note keeps the rate of its original", gst + "rate.go",
			"if note && on >= s.from {", "if note {",
			"./shared/gst", "NotesKeep",
		},
		{
			"gst: the retail sale price holds the tax", gst + "tax.go",
			"whole += int64(l.GSTRate + l.CessRate)", "",
			"./shared/gst", "RetailSalePrice",
		},
		{
			"gst: a code is one of the portal's", gst + "linefinding.go",
			"case !hsn.Known(l.HSN):", "case !hsn.Known(\"8471\"):",
			"./shared/gst", "TestFindings",
		},
		{
			"gst: a finding names the filings of its document", gst + "finding.go",
			"if slices.Contains(r.filings, filing) {", "if filing != \"\" {",
			"./shared/gst", "TestFindings|WhereADocument",
		},
		{
			"gst: advice refuses nothing", gst + "finding.go",
			"return !described(f.Code).Advice &&", "return f.Code != \"\" &&",
			"./shared/gst", "AroundToday",
		},
		{
			"gst: what blocks e-invoices is advice without them", gst + "finding.go",
			"&& seller.registersInvoices(on)", "",
			"./shared/gst", "WithoutEInvoices",
		},
		{
			"gst: nothing is dated after today in India", gst + "document.go",
			"if i.InvoiceDate > today {", "if today == \"\" {",
			"./shared/gst", "AroundToday",
		},
		{
			"gst: a turnover counts from the year after it", gst + "turnover.go",
			"t.FinancialYear < year && ", "year != \"\" && ",
			"./shared/gst", "TurnoverOfOtherYears",
		},
		{
			"gst: an e-invoice is late on its 31st day", gst + "document.go",
			"day.AddDate(0, 0, 1-reportDays)", "day.AddDate(0, 0, -reportDays)",
			"./shared/gst", "ReportedWithin30Days",
		},
		{
			"gst: a turnover at the amount itself limits the days", gst + "turnover.go",
			"{10*crore - 1, ", "{10 * crore, ",
			"./shared/gst", "ReportedWithin30Days",
		},
		{
			"gst: codes have the digits that the turnover requires", gst + "linefinding.go",
			"case digits < 6 && long:", "case false:",
			"./shared/gst", "DigitsOfCodes",
		},
		{
			"gst: a price that includes tax is paid to the paisa", gst + "tax.go",
			"l.TaxableValue -= l.tax() + l.CessByRate", "l.TaxableValue = base * 10_000 / money.Paise(whole)",
			"./shared/gst", "InclusivePricesAreExact",
		},
		{
			"gst: a price covers the tax that it includes", gst + "tax.go",
			"if l.TaxableValue < 0 {", "if false {",
			"./shared/gst", "PricesThatCannot",
		},
		{
			"gst: a PIN code is of its state", gst + "pin.go",
			"return len(ranges) == 0 || slices", "return len(ranges) > 0 || slices",
			"./shared/gst", "PINOfState",
		},
		{
			"merchant: large sellers file monthly", gst + "turnover.go",
			".Amount <= 5*crore", ".Amount >= 0",
			"./shared/merchant", "WrongDetails",
		},
		{
			"gst: a price includes the cess by rate", gst + "tax.go",
			"whole += int64(l.GSTRate + l.CessRate)", "whole += int64(l.GSTRate)",
			"./shared/gst", "TestDetailsOfALine|AgreesWithExact",
		},
		{
			"gst: a line's reverse charge leaves its tax out", gst + "tax.go",
			"return i.ReverseCharge || l.ReverseCharge", "return i.ReverseCharge",
			"./shared/gst", "ReverseChargeOfSomeLines",
		},
		{
			"gst: an exempt line bears no tax", gst + "itemdetail.go",
			"if item.untaxed() && item.GSTRate != 0 {", "if false {",
			"./shared/gst", "WrongDetailsOfALine",
		},
		{
			"gst: a bill of supply bears no tax", gst + "type.go",
			"if item.taxable() {", "if item.taxable() && n < 0 {",
			"./shared/gst", "WrongTypes",
		},
		{
			"gst: a bill of supply is no e-invoice", gst + "finding.go",
			"&& i.DocumentType != TypeBillOfSupply", "",
			"./shared/gst", "WhereABillOfSupply",
		},
		{
			"gst: tax at source is of the total after the discount", gst + "charge.go",
			"money.Scale(int64(i.Totals.Total), int64(tcs.Rate)", "money.Scale(int64(i.Totals.TaxableValue), int64(tcs.Rate)",
			"./shared/gst", "AgreesWithExact|TestAmountsOfADocument",
		},
		{
			"gst: the discount is covered by the total", gst + "charge.go",
			"if req.Discount > i.Totals.Total {", "if false {",
			"./shared/gst", "TestWrongAmounts",
		},
		{
			"gst: a PIN code is of the state beside it", gst + "party.go",
			"if pin != \"\" && !PINOfState(pin, state) {", "if false {",
			"./shared/gst", "WrongParticulars",
		},
		{
			"gst: a foreign currency has a rate", gst + "export.go",
			"&& e.Currency != \"INR\" && !r.Given(\"exchange_rate\")", "&& false",
			"./shared/gst", "WrongParticulars",
		},
		{
			"gst: IGST is charged within a state where it is asked for", gst + "assess.go",
			"&& !i.IGSTOnIntra", "",
			"./shared/gst", "IGSTWithinAState|AgreesWithExact",
		},
		{
			"gst: the head explained is the one charged", gst + "explainline.go",
			"case i.intraState():", "case i.PlaceOfSupply == i.SellerGSTIN.State():",
			"./shared/gst", "TheHeadIsThatOfTheTax",
		},
		{
			"gst: findings refuse a preview by the policy", gst + "preview.go",
			"inv.refusedBy(seller)", "len(inv.Compliance.Findings) > 0",
			"./functions/serve-api", "FindingsDoNotRefuseAPreview",
		},
		{
			"gst: a preview is of the caller's merchant", "functions/serve-api/preview.go",
			"caller.TenantOf(ctx, req.SellerMerchantID)", "caller.TenantOf(ctx, \"\")",
			"./functions/serve-api", "WrongInputOfAPreview",
		},
		{
			"gst: a credit note is late after 30 November", gst + "original.go",
			"start+1", "start+2",
			"./shared/gst", "LateCreditNotes",
		},
		{
			"gst: credit notes stay within their original", "shared/invoice/balance.go",
			"if c.bounded {", "if false {",
			"./shared/issuance", "BoundedToThePaisa|NotesAtOnce",
		},
		{
			"gst: a cancelled original has no notes", "shared/invoice/balance.go",
			"allowed := expression.Name(cancelled)", "allowed := expression.Name(\"none\")",
			"./shared/issuance", "ACancelledOriginal",
		},
		{
			"gst: goods that do not come back after all stay sold", "shared/inventory/move.go",
			"if b.Returns == (to == isReleased) {", "if !b.Returns && to != isReleased {",
			"./shared/inventory", "ACompensatedReturn",
		},
	}
}
