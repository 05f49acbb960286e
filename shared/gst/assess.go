package gst

import (
	"net/http"

	"github.com/invochain/invochain/shared/problem"
)

// Assess returns the invoice that a request asks a seller to issue: place of supply, tax of
// each line, totals, and the findings that keep it from being filed. It lacks only what
// issuing adds: id, saga, status, time, and the number if the request names a series. today
// is the day in India, from DayInIndia; without it the invoice date is not compared with it.
// Errors are *problem.Error. Of kind Conflict: the seller has closed the month of the invoice date.
// Of kind Invalid: the total differs from the lines, an amount is out of range, or, unless the
// seller's policy is Advise, a finding blocks what the seller files.
func Assess(req Request, seller Seller, today Date) (Invoice, error) {
	inv, err := draft(req, seller, today)
	if err != nil {
		return Invoice{}, err
	}
	if err := inv.complianceRefusal(seller); err != nil {
		return Invoice{}, err
	}
	return inv, nil
}

// complianceRefusal returns the refusal of the invoice for its findings under the seller's policy, or nil.
func (i *Invoice) complianceRefusal(seller Seller) error {
	if !i.refusedBy(seller) {
		return nil
	}
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "compliance_findings",
		Message:    "the invoice cannot be filed as it is; correct what findings lists",
		Extensions: map[string]any{"findings": i.Compliance.Findings},
	}
}

// draft returns what Assess returns, whatever its findings are.
func draft(req Request, seller Seller, today Date) (Invoice, error) {
	if err := seller.checkPeriod(req.InvoiceDate); err != nil {
		return Invoice{}, err
	}
	inv := Invoice{
		DocumentType: req.DocumentType, InvoiceNumber: req.InvoiceNumber, Series: req.Series,
		OriginalInvoiceNumber: req.OriginalInvoiceNumber,
		SellerMerchantID:      req.SellerMerchantID, SellerGSTIN: seller.GSTIN, Seller: seller.Supplier,
		BuyerGSTIN: req.BuyerGSTIN, BuyerName: req.BuyerName, BuyerAddress: req.BuyerAddress,
		InvoiceDate: req.InvoiceDate, DueDate: req.DueDate, ReverseCharge: req.ReverseCharge,
		PricesIncludeTax: req.PricesIncludeTax, Correction: req.Correction, Discount: req.Discount,
		Particulars: req.Particulars,
	}
	inv.SupplyType = supplyType(req)
	inv.PlaceOfSupply = placeOfSupply(req, inv.SupplyType, seller)
	if err := inv.addLines(req); err != nil {
		return Invoice{}, err
	}
	if err := inv.setTotal(req); err != nil {
		return Invoice{}, err
	}
	inv.Compliance.Findings = findings(&inv, seller, today)
	return inv, nil
}

// refusedBy reports whether the invoice's findings refuse it under the seller's policy.
func (i *Invoice) refusedBy(seller Seller) bool {
	return seller.Compliance != Advise && refuses(i.Compliance.Findings, seller, i.InvoiceDate)
}

func supplyType(req Request) string {
	switch {
	case req.SupplyType != "":
		return req.SupplyType
	case req.BuyerGSTIN != "":
		return B2B
	default:
		return B2C
	}
}

// placeOfSupply returns the place of supply (IGST Act ss.10–13): the one of the request, or
// the default.
func placeOfSupply(req Request, supply string, seller Seller) string {
	if req.PlaceOfSupply != "" {
		return req.PlaceOfSupply
	}
	return defaultPlace(req, supply, seller)
}

// defaultPlace returns 96 for exports, else the state of a registered buyer, else the seller's.
func defaultPlace(req Request, supply string, seller Seller) string {
	switch {
	case supply == EXPWP || supply == EXPWOP:
		return otherCountries
	case req.BuyerGSTIN != "":
		return req.BuyerGSTIN.State()
	default:
		return seller.GSTIN.State()
	}
}

// intraState reports whether the supply bears CGST and SGST: the place of supply is the seller's state,
// and the request does not ask for IGST. Supplies to special
// economic zones and exports are always inter-state (IGST Act s.7(5)).
func (i *Invoice) intraState() bool {
	switch i.SupplyType {
	case SEZWP, SEZWOP, EXPWP, EXPWOP:
		return false
	default:
		return i.PlaceOfSupply == i.SellerGSTIN.State() && !i.IGSTOnIntra
	}
}
