package gst

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/gst/hsn"
)

func lineFindings(r *report, i *Invoice, seller Seller, n int, l Line) {
	add := func(code, field, message string, only ...string) {
		r.add(code, fmt.Sprintf("items[%d].%s", n, field), message, only...)
	}
	codeFindings(add, i, l, seller.needsLongCodes(i.InvoiceDate))
	if strings.TrimSpace(l.Description) == "" {
		add("description_missing", "description", "a tax invoice describes what is sold; add the description")
	}
	note := IsNote(i.DocumentType)
	rateFindings(add, i, l)
	if cess := l.cessField(); cess != "" && !cessInForce(l, i.InvoiceDate, note) {
		add("cess_ended", cess, "compensation cess ended on 2025-09-21, on tobacco and pan masala on 2026-01-31 "+
			"(notifications 2/2025 and 3/2025-Compensation Cess (Rate)); leave "+cess+" out")
	}
	if l.RetailSalePrice == 0 && retailPriced(l, i.InvoiceDate) {
		add("retail_sale_price_missing", "retail_sale_price", "the tax of tobacco and pan masala is part of their "+
			"retail sale price (rule 31D); give the price that is printed on one unit")
	}
	switch {
	case l.IsService:
	case l.Unit == "":
		add("unit_missing", "unit", "the unit quantity code (UQC) of goods is required")
	case l.Unit == unitOfServices:
		add("unit_of_services", "unit", "NA is for services; give the unit in which the goods are counted")
	}
}

// rateFindings judges the rate of a line on the day of its document.
func rateFindings(add func(code, field, message string, only ...string), i *Invoice, l Line) {
	if !rateInForce(l, i.InvoiceDate, IsNote(i.DocumentType)) {
		add("rate_not_in_force", "gst_rate", rateMessage(l, i.InvoiceDate))
	}
}

// codeFindings judges the HSN or SAC code of a line. long requires 6 digits by the seller's turnover;
// an e-invoice requires them anyhow.
func codeFindings(add func(code, field, message string, only ...string), i *Invoice, l Line, long bool) {
	digits, service := len(l.HSN), strings.HasPrefix(l.HSN, "99")
	switch {
	case digits == 0 && i.SupplyType == B2C && !long:
		add("hsn_missing", "hsn", "an e-way bill requires the HSN code of goods", waybill)
	case digits == 0:
		add("hsn_missing", "hsn", "the HSN or SAC code is required")
	case digits < 4 || digits%2 == 1:
		add("hsn_length", "hsn", "must have 4, 6 or 8 digits; an e-invoice requires 6 or 8")
	case service && digits == 8:
		add("hsn_length", "hsn", "the code of a service (SAC) must have 4 or 6 digits; an e-invoice requires 6")
	case !hsn.Known(l.HSN):
		add("hsn_unknown", "hsn", fmt.Sprintf("%s is not a code of the GST portal; look for the code of "+
			"these goods or this service, or give its first digits", l.HSN))
	case digits < 6 && long:
		add("hsn_length", "hsn", "must have 6 or 8 digits; the seller's turnover of the year before is above ₹5 crore")
	case digits < 6:
		add("hsn_length", "hsn", "must have 6 or 8 digits for an e-invoice", eInvoice)
	}
	if digits == 0 || service == l.IsService {
		return
	}
	message := "the code is of goods; leave is_service out, or give the code of a service, which starts with 99"
	if service {
		message = "the code is of a service; give is_service, or the code of goods, which does not start with 99"
	}
	add("hsn_kind", "hsn", message)
}
