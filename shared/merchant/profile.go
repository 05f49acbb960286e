package merchant

import (
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// Profile is a seller in the form of the API.
type Profile struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	GSTIN      gst.GSTIN `json:"gstin"`
	Address    string    `json:"address,omitempty"`
	Compliance string    `json:"compliance"` // gst.Strict or gst.Advise
	// Turnover of each financial year; whether the seller registers e-invoices follows from it, and
	// how many digits its HSN codes need.
	Turnover       []gst.Turnover `json:"turnover,omitempty"`
	EInvoiceExempt string         `json:"e_invoice_exempt,omitempty"` // one of gst.ExemptClasses
	// UniqueExternalIDs asks that no two documents have the same external_id.
	UniqueExternalIDs bool `json:"unique_external_ids,omitempty"`
	// ClosedThrough is the last month whose books are closed; empty if none is. A change without it
	// leaves it as it is.
	ClosedThrough gst.Month `json:"closed_through,omitempty"`
	// ClosedAt is when ClosedThrough was set, and FinalAt is Settling later: from then on no document
	// of a closed month can still appear. Both are set by the store, in UTC (RFC 3339).
	ClosedAt string `json:"closed_at,omitempty"`
	FinalAt  string `json:"final_at,omitempty"`
	Details
	// InUse reports whether an invoice was issued, so that the GSTIN stays as it is.
	InUse bool `json:"-"`
}

// Seller returns the part of the profile that an invoice depends on.
func (p Profile) Seller() gst.Seller {
	return gst.Seller{
		GSTIN: p.GSTIN, Compliance: p.Compliance, Turnover: p.Turnover, EInvoiceExempt: p.EInvoiceExempt,
		ClosedThrough: p.ClosedThrough,
		Supplier: &gst.Supplier{
			LegalName: p.Name, TradeName: p.TradeName, Address: p.Address, City: p.City, PIN: p.PIN,
			State: p.GSTIN.State(), GSTIN: p.GSTIN, Phone: p.Phone, Email: p.Email,
			NameLocal: p.NameLocal, AddressLocal: p.AddressLocal,
		},
	}
}

// maxID is the length of a merchant's id, in characters.
const maxID = 64

// maxTimestamp is the length of a timestamp with nanoseconds, in characters.
const maxTimestamp = 30

// ParseProfile reads the body of PUT /merchants/{id}: name and gstin are required,
// compliance is strict by default. The body may be what GET /merchants/{id} returned: of that,
// closed_at and final_at are ignored. Errors are those of gst.ParseRequest.
func ParseProfile(id string, body []byte) (Profile, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return Profile{}, err
	}
	if _, err := gst.ParseMerchantID(id); err != nil {
		r.Fail("id", "merchant_malformed", err.Error())
	}
	if given := r.Text("id", maxID); given != "" && given != id {
		r.Fail("id", "merchant_mismatch", "must be the id in the path, or absent")
	}
	p := Profile{
		ID: id, Name: r.Text("name", gst.MaxName), Address: r.Lines("address", gst.MaxAddress),
		GSTIN:          strictjson.Matching(r, "gstin", "gstin_malformed", gst.ParseSellerGSTIN),
		Compliance:     r.OneOf("compliance", gst.Strict, gst.Advise),
		Turnover:       gst.ReadTurnover(r),
		EInvoiceExempt: r.OneOf("e_invoice_exempt", append([]string{""}, gst.ExemptClasses()...)...),
		Details:        readDetails(r),

		UniqueExternalIDs: r.Flag("unique_external_ids"),
		ClosedThrough:     strictjson.Matching(r, "closed_through", "month_malformed", gst.ParseMonth),
	}
	r.Text("closed_at", maxTimestamp)
	r.Text("final_at", maxTimestamp)
	p.check(r)
	r.Require("name", "gstin")
	r.Finish()
	return p, r.Err()
}
