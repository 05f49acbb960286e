package gst

import (
	"fmt"
	"unicode/utf8"

	"github.com/invochain/invochain/shared/strictjson"
)

// Particulars are what a document shows besides what its tax and its filing depend on, and IGSTOnIntra.
type Particulars struct {
	BuyerDetails
	ShipTo         *Party            `json:"ship_to,omitempty"`
	DispatchFrom   *Party            `json:"dispatch_from,omitempty"`
	Export         *Export           `json:"export,omitempty"`
	Transport      *Transport        `json:"transport,omitempty"`
	EcommerceGSTIN GSTIN             `json:"ecommerce_gstin,omitempty"` // of the operator that sells for the seller
	IGSTOnIntra    bool              `json:"igst_on_intra,omitempty"`   // IGST, although seller and place are in one state
	Reference      string            `json:"reference,omitempty"`
	PurchaseOrder  string            `json:"purchase_order,omitempty"`
	ExternalID     string            `json:"external_id,omitempty"` // of the document in the caller's system
	Notes          string            `json:"notes,omitempty"`
	Terms          string            `json:"terms,omitempty"`
	Period         *Period           `json:"period,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
}

// Period is the time of the supply that a document is for, both days included.
type Period struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Bounds of texts, in characters.
const (
	maxReference      = 100
	maxBuyerReference = 50
	maxNotes          = 1000
	maxTerms          = 2000
)

// ParseReference accepts a text as Particulars.Reference and ExternalID may have: of up to 100 characters.
func ParseReference(s string) (string, error) {
	if utf8.RuneCountInString(s) > maxReference {
		return "", fmt.Errorf("must have at most %d characters", maxReference)
	}
	return s, nil
}

func parseParticulars(r *strictjson.Reader) Particulars {
	return Particulars{
		BuyerDetails:   parseBuyerDetails(r),
		ShipTo:         optional(r, "ship_to", parseParty),
		DispatchFrom:   optional(r, "dispatch_from", parseParty),
		Export:         optional(r, "export", parseExport),
		Transport:      optional(r, "transport", parseTransport),
		EcommerceGSTIN: strictjson.Matching(r, "ecommerce_gstin", "gstin_malformed", parseOperator),
		IGSTOnIntra:    r.Flag("igst_on_intra"),
		Reference:      r.Text("reference", maxReference),
		PurchaseOrder:  r.Text("purchase_order", maxReference),
		ExternalID:     r.Text("external_id", maxReference),
		Notes:          r.Lines("notes", maxNotes),
		Terms:          r.Lines("terms", maxTerms),
		Period:         optional(r, "period", parsePeriod),
		Metadata:       parseMetadata(r),
	}
}

// optional reads an object; nil if it is absent, faulty or empty.
func optional[T comparable](r *strictjson.Reader, name string, parse func(*strictjson.Reader) T) *T {
	_, given := r.Take(name).(map[string]any)
	object := r.Object(name) // it records another type as a fault
	if !given {
		return nil
	}
	v, empty := parse(object), *new(T)
	object.Finish()
	if v == empty {
		return nil
	}
	return &v
}

func parsePeriod(r *strictjson.Reader) Period {
	p := Period{
		From: strictjson.Matching(r, "from", "date_invalid", ParseDate),
		To:   strictjson.Matching(r, "to", "date_invalid", ParseDate),
	}
	r.Require("from", "to")
	if p.From != "" && p.To != "" && p.To < p.From {
		r.Fail("to", "period_reversed", "must not be before from")
	}
	return p
}
