package issuance

import (
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// notCancelled is the refusal of a cancellation. hint, unless empty, is the document type that
// corrects the invoice instead.
func notCancelled(code, message, hint string) error {
	e := &problem.Error{Kind: problem.Conflict, Code: code, Message: message}
	if hint != "" {
		e.Extensions = map[string]any{"hint": hint}
	}
	return e
}

func alreadyCancelled(inv gst.Invoice) error {
	return notCancelled("already_cancelled", fmt.Sprintf("invoice %s is cancelled, or is being cancelled by another "+
		"request", inv.InvoiceNumber), "")
}

func correctedByNote(inv gst.Invoice) error {
	return notCancelled("corrected_by_note", fmt.Sprintf("a credit or debit note corrects invoice %s; issue a credit "+
		"note over the rest instead", inv.InvoiceNumber), gst.TypeCreditNote)
}

func windowClosed(inv gst.Invoice, until gst.Date) error {
	return notCancelled("cancellation_window_closed", fmt.Sprintf("the return that invoice %s belongs to was due on %s; "+
		"issue a credit note instead", inv.InvoiceNumber, until), gst.TypeCreditNote)
}

func periodClosed(inv gst.Invoice, through gst.Month) error {
	return notCancelled("period_closed", fmt.Sprintf("invoice %s is of %s, and the books are closed through %s; issue a "+
		"credit note that is dated now instead", inv.InvoiceNumber, inv.InvoiceDate, through), gst.TypeCreditNote)
}

func notCancellable(note gst.Invoice) error {
	if note.DocumentType == gst.TypeCreditNote {
		return notCancelled("note_not_cancellable", "a credit note is corrected by a debit note", gst.TypeDebitNote)
	}
	return notCancelled("note_not_cancellable", "a debit note is corrected by a credit note", gst.TypeCreditNote)
}

// refuseKnown marks an error that is an answer, such as a 404, as final.
func refuseKnown(err error) error {
	if known, ok := errors.AsType[*problem.Error](err); ok && !known.Retryable {
		return saga.Refuse(err)
	}
	return err
}
