package gst

import (
	"net/http"
	"regexp"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Correction is what a credit or debit note says of the invoice that it corrects, its original
// (CGST Act s.34). An invoice has none.
type Correction struct {
	OriginalInvoiceID   string `json:"original_invoice_id,omitempty"` // UUID; of an issued note the one that was found
	OriginalInvoiceDate Date   `json:"original_invoice_date,omitempty"`
	// OriginalExternal means that another system issued the original. It is not looked up.
	OriginalExternal bool   `json:"original_external,omitempty"`
	NoteReason       string `json:"note_reason,omitempty"`
	// Restock means that the goods of a credit note come back to stock.
	Restock bool `json:"restock,omitempty"`
}

// NoteReasons lists the reasons of a note, as GSTR-1 has them.
func NoteReasons() []string {
	return []string{
		"sales_return", "post_sale_discount", "deficiency", "correction", "place_of_supply", "finalisation", "other",
	}
}

var invoiceIDPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func readCorrection(r *strictjson.Reader) Correction {
	id := matches(invoiceIDPattern, "the id of an invoice, a UUID in small letters")
	return Correction{
		OriginalInvoiceID:   strictjson.Matching(r, "original_invoice_id", "invoice_id_malformed", id),
		OriginalInvoiceDate: strictjson.Matching(r, "original_invoice_date", "date_invalid", ParseDate),
		OriginalExternal:    r.Flag("original_external"),
		NoteReason:          r.OneOf("note_reason", append([]string{""}, NoteReasons()...)...),
		Restock:             r.Flag("restock"),
	}
}

// checkCorrection records the faults that show only when a note's fields are compared with others.
func checkCorrection(r *strictjson.Reader, req Request) {
	if req.Restock && req.DocumentType != TypeCreditNote {
		r.Fail("restock", "only_for_credit_notes", "is only for credit notes; leave it out")
	}
	if !IsNote(req.DocumentType) {
		for _, name := range req.given() {
			r.Fail(name, "only_for_notes", "is only for credit and debit notes; leave it out")
		}
		return
	}
	byID, byNumber := r.Given("original_invoice_id"), r.Given("original_invoice_number")
	switch {
	case !byID && !byNumber:
		r.Fail("original_invoice_number", "required", "is required for a credit or debit note, or original_invoice_id")
	case byID && byNumber:
		r.Fail("original_invoice_id", "original_ambiguous", "give either original_invoice_id or original_invoice_number")
	case byID && req.OriginalExternal:
		r.Fail("original_invoice_id", "original_ambiguous", "another system's invoice has none; give original_invoice_number")
	}
	if req.InvoiceDate != "" && req.OriginalInvoiceDate > req.InvoiceDate {
		r.Fail("invoice_date", "note_before_original", "must not be before original_invoice_date")
	}
}

// given returns the names of the fields that are given, but restock.
func (c Correction) given() (names []string) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"original_invoice_id", c.OriginalInvoiceID != ""},
		{"original_invoice_date", c.OriginalInvoiceDate != ""},
		{"original_external", c.OriginalExternal},
		{"note_reason", c.NoteReason != ""},
	} {
		if f.given {
			names = append(names, f.name)
		}
	}
	return names
}

// HasOriginal reports whether the request is a note whose original is to be looked up.
func (r Request) HasOriginal() bool { return IsNote(r.DocumentType) && !r.OriginalExternal }

// OriginalYears returns the financial years in which the number of a note's original is looked up,
// in this order: that of the original's date, or else of the note's date and the one before.
func (r Request) OriginalYears() []string {
	if r.OriginalInvoiceDate != "" {
		return []string{r.OriginalInvoiceDate.FinancialYear()}
	}
	return []string{r.InvoiceDate.FinancialYear(), r.InvoiceDate.previousFinancialYear()}
}

// noteRefused returns the refusal of a note for these fields, with the code of the first; nil if there are none.
func noteRefused(fields []problem.FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: fields[0].Code,
		Message: fields[0].Field + " " + fields[0].Message, Fields: fields,
	}
}
