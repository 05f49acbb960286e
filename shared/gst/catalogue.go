package gst

import "slices"

// Filings that a finding may block.
const (
	gstr1    = "GSTR-1"     // the return of outward supplies (CGST Act s.37)
	eInvoice = "e-invoice"  // registration at the invoice portal, the IRP (rule 48(4))
	waybill  = "e-way bill" // the document that goes with the goods (rule 138)
)

// FindingCode describes the findings of one code.
type FindingCode struct {
	Code    string
	Meaning string
	Blocks  []string // filings, of a document that goes to them
	Advice  bool     // it never refuses an invoice
	Source  string   // the rule, or the code with which the portal refuses
}

// FindingCodes returns all codes in the order in which findings are reported.
func FindingCodes() []FindingCode { return slices.Clone(findingCodes) }

var findingCodes = []FindingCode{
	{
		"gstin_checksum", "the check character of the buyer's GSTIN is wrong",
		[]string{gstr1, eInvoice, waybill},
		false, "IRP 3028; RET191113",
	},
	{
		"gstin_missing", "the supply type needs the buyer's GSTIN",
		[]string{gstr1, eInvoice},
		false, "rule 46(d); IRP 2171, 2212",
	},
	{
		"gstin_class", "this class of registration cannot receive (or, of a seller, issue) a tax invoice",
		[]string{gstr1, eInvoice},
		false, "GSTR-1, table 4",
	},
	{
		"sez_buyer_class", "the buyer of a supply to a special economic zone is of a class of registration that no unit or " +
			"developer of a zone has: a UIN, a government department, or one that deducts or collects tax at source",
		[]string{gstr1, eInvoice},
		false, "IGST Act s.16(1)(b); GSTR-1, table 6B",
	},
	{
		"state_unknown", "the first two digits of the GSTIN are not a state code",
		[]string{gstr1, eInvoice, waybill},
		false, "IRP 2260, 2265",
	},
	{
		"state_legacy", "the state code was no longer in use: 28, and 25 from 26 January 2020",
		[]string{gstr1, eInvoice, waybill},
		false, "IRP 2243; RET191112",
	},
	{
		"buyer_is_seller", "the buyer has the seller's own GSTIN; branches in other states have their own",
		[]string{gstr1, eInvoice},
		false, "IRP 2211; RET191113",
	},
	{
		"export_buyer_gstin", "an export has a buyer with a GSTIN; leave it out, or give another supply type",
		[]string{gstr1, eInvoice},
		false, "IRP 2248; GSTR-1, table 6A",
	},
	{
		"supply_type_mismatch", "a buyer with a GSTIN is not B2C",
		[]string{gstr1},
		false, "GSTR-1, tables 4 and 7",
	},
	{
		"buyer_name_missing", "the buyer's name is missing or has fewer than 3 letters: of each but B2C, " +
			"and of unregistered buyers from ₹50,000",
		[]string{gstr1, eInvoice},
		false, "rule 46(d), (e); INV-01 BuyerDtls.LglNm",
	},
	{
		"buyer_address_missing", "the buyer's address is missing, likewise",
		[]string{gstr1, eInvoice},
		false, "rule 46(d), (e); INV-01 BuyerDtls.Addr1",
	},
	{
		"buyer_address_long", "the buyer's address has over 200 characters, two lines of 100",
		[]string{eInvoice},
		false, "INV-01 BuyerDtls.Addr1, Addr2",
	},
	{
		"text_not_latin", "the buyer's name, trade name, address or city is not in Latin letters",
		[]string{eInvoice},
		false, "INV-01 BuyerDtls; the portal's answer to other scripts is not known",
	},
	{
		"no_items", "without lines the tax is unknown",
		[]string{gstr1, eInvoice, waybill},
		false, "rule 46(g) to (m); IRP 2228; RET191107",
	},
	{
		"bill_of_supply_expected", "each line of the invoice is nil-rated, exempt or outside GST, so a bill of supply " +
			"(document_type BOS) is due",
		nil, true, "CGST Act s.31(3)(c); rule 49",
	},
	{
		"number_zero", "the number has neither a letter nor a digit from 1 to 9",
		[]string{gstr1, eInvoice},
		false, "Returns Offline Tool 3.2.4",
	},
	{
		"number_first_character", "the number begins with 0, / or -",
		[]string{eInvoice},
		false, "INV-01 DocDtls.No",
	},
	{
		"original_on_invoice", "original_invoice_number is given for an invoice; it is for credit and debit notes",
		[]string{gstr1, eInvoice},
		false, "CGST Act s.34; IRP 2210",
	},
	{
		"date_in_future", "the invoice date is after today in India",
		[]string{gstr1, eInvoice, waybill},
		false, "IRP 2163, 2218; RET191114, RET191185",
	},
	{
		"date_too_old", "the invoice date is more than 18 months ago",
		[]string{gstr1},
		true, "RET191114",
	},
	{
		"reporting_late", "a seller with a turnover of at least ₹10 crore in any year before (₹100 crore until March 2025) " +
			"reports its e-invoices within 30 days, and the invoice date, which is the first, is longer ago",
		[]string{eInvoice},
		false, "GSTN's advisories of 13 September 2023 and 5 November 2024; IRP 2305",
	},
	{
		"place_of_supply_mismatch", "96 is the place of supply of exports, and of goods transport abroad " +
			"from 1 February 2019 to 30 September 2023, and of nothing else",
		[]string{gstr1, eInvoice},
		false, "IRP 2229, 2242; IGST Act s.12(8)",
	},
	{
		"igst_on_intra_mismatch", "igst_on_intra is given, and seller and place of supply are in different states",
		[]string{eInvoice},
		false, "INV-01 TranDtls.IgstOnIntra; IRP 2262",
	},
	{
		"reverse_charge_without_payer", "reverse charge without a buyer who pays the tax: B2C, an export, a deemed export",
		[]string{gstr1, eInvoice},
		false, "CGST Act s.9(3), s.24(iii); IRP 2162",
	},
	{
		"reverse_charge_mixed", "some lines are under reverse charge, and others with tax are not",
		[]string{gstr1, eInvoice},
		false, "INV-01 TranDtls.RegRev; GSTR-1, table 4",
	},
	{
		"value_zero", "the taxable value of the document is zero",
		[]string{gstr1},
		false, "Returns Offline Tool 3.2.4",
	},
	{
		"hsn_missing", "the line has no HSN or SAC code; B2C needs it of sellers above ₹5 crore of turnover, and with " +
			"goods of more than ₹50,000 on the road",
		[]string{gstr1, eInvoice, waybill},
		false, "rule 46(g); RET191194",
	},
	{
		"hsn_length", "the code has not 4, 6 or 8 digits, a service's more than 6, or fewer than 6 for an e-invoice or of " +
			"a seller above ₹5 crore of turnover",
		[]string{gstr1, eInvoice},
		false, "notification 78/2020-Central Tax; RET191350; IRP 2176",
	},
	{
		"hsn_kind", "the code is of a service (99…) and the line of goods, or the reverse",
		[]string{gstr1, eInvoice, waybill},
		false, "INV-01 ItemList.IsServc; IRP 2176",
	},
	{
		"hsn_unknown", "the portal's list of HSN and SAC codes does not have the code",
		[]string{gstr1, eInvoice, waybill},
		false, "IRP 2176; RET191349",
	},
	{
		"description_missing", "the line has no description. The portal takes it, and a tax invoice must have one",
		nil, true, "rule 46(h)",
	},
	{
		"rate_not_in_force", "the rate was not in force on the invoice date for the line's code; the message says " +
			"when it began or ended. A credit or debit note may bear an older rate",
		[]string{gstr1, eInvoice},
		false, "CGST Act s.9, s.14; IRP 2240; RET191175",
	},
	{
		"cess_ended", "compensation cess ended on 21 September 2025, and on tobacco and pan masala on 31 January 2026",
		[]string{gstr1, eInvoice},
		false, "notifications 2/2025 and 3/2025-Compensation Cess (Rate); IRP 2266",
	},
	{
		"retail_sale_price_missing", "the tax of tobacco and pan masala is part of their retail sale price",
		[]string{gstr1, eInvoice},
		false, "rule 31D; RET191205",
	},
	{
		"unit_missing", "goods need a unit quantity code",
		[]string{gstr1, eInvoice},
		false, "rule 46(i); IRP 2239; RET191195",
	},
	{
		"unit_of_services", "goods are counted in NA, which is for services",
		[]string{gstr1, eInvoice},
		false, "IRP 2177; RET191353",
	},
	{
		"original_unknown", "the invoice that the note corrects is not among this merchant's; the note is not " +
			"compared with it, nor bounded by it",
		nil, true, "CGST Act s.34",
	},
	{
		"credit_note_late", "the credit note is dated after 30 November that follows the financial year of its original",
		[]string{gstr1},
		false, "CGST Act s.34(2)",
	},
}
