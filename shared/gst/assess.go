package gst

import (
	"net/http"

	"github.com/invochain/invochain/shared/problem"
)

// Assess works out the invoice that a request asks of a seller: where the supply
// is taxed, which taxes each line bears, the totals, and what keeps it from being
// filed. The result lacks only what issuing gives: id, saga, status, time, and the
// number where a series was asked for. Errors are *Error of kind Invalid: the
// total differs from the lines, an amount is out of range, or, for a strict
// merchant, a finding.
func Assess(req Request, seller Seller) (Invoice, error) {
	inv := Invoice{
		DocumentType: req.DocumentType, InvoiceNumber: req.InvoiceNumber, Series: req.Series,
		OriginalInvoiceNumber: req.OriginalInvoiceNumber,
		SellerMerchantID:      req.SellerMerchantID, SellerGSTIN: seller.GSTIN,
		BuyerGSTIN: req.BuyerGSTIN, BuyerName: req.BuyerName, BuyerAddress: req.BuyerAddress,
		InvoiceDate: req.InvoiceDate, DueDate: req.DueDate, ReverseCharge: req.ReverseCharge,
	}
	inv.SupplyType = supplyType(req)
	inv.PlaceOfSupply = placeOfSupply(req, inv.SupplyType, seller)
	if err := inv.tax(req.Items); err != nil {
		return Invoice{}, err
	}
	if err := inv.settleTotal(req); err != nil {
		return Invoice{}, err
	}
	inv.Compliance.Findings = findings(inv)
	if seller.Compliance != Advise && len(inv.Compliance.Findings) > 0 {
		return Invoice{}, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "compliance_findings",
			Message:    "the invoice could not be filed as it stands; see findings",
			Extensions: map[string]any{"findings": inv.Compliance.Findings},
		}
	}
	return inv, nil
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

// placeOfSupply (IGST Act ss.10–13): as given; else outside India for exports, the
// registered buyer's state, or, for a buyer of whom nothing is known, the seller's.
func placeOfSupply(req Request, supply string, seller Seller) string {
	switch {
	case req.PlaceOfSupply != "":
		return req.PlaceOfSupply
	case supply == EXPWP || supply == EXPWOP:
		return otherCountries
	case req.BuyerGSTIN != "":
		return req.BuyerGSTIN.State()
	default:
		return seller.GSTIN.State()
	}
}

// intraState: the seller's state is the place of supply. Supplies to special
// economic zones and exports are always inter-state (IGST Act s.7(5)).
func (i *Invoice) intraState() bool {
	switch i.SupplyType {
	case SEZWP, SEZWOP, EXPWP, EXPWOP:
		return false
	default:
		return i.PlaceOfSupply == i.SellerGSTIN.State()
	}
}
