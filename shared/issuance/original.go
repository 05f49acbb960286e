package issuance

import (
	"context"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/problem"
)

// originalRead is the result of reading the invoice that a note corrects; nil if there is none.
type originalRead struct {
	original *gst.Invoice
	err      error
}

// readOriginal reads a note's original concurrently with Begin, so that a note waits for two reads
// at most that others do not.
func (a *attempt) readOriginal(ctx context.Context) <-chan originalRead {
	return concurrently(func() originalRead {
		if !a.req.HasOriginal() {
			return originalRead{}
		}
		original, err := a.findOriginal(ctx)
		if problem.KindOf(err) == problem.NotFound {
			return originalRead{}
		}
		if err != nil {
			return originalRead{err: err}
		}
		return originalRead{original: &original}
	})
}

// findOriginal reads the original by id, or by its number in the years that the request leaves open,
// strongly consistent. Error: *problem.Error of kind NotFound, also for another merchant's invoice.
func (a *attempt) findOriginal(ctx context.Context) (original gst.Invoice, err error) {
	if a.req.OriginalInvoiceID != "" {
		original, err = a.Invoices.Load(ctx, a.req.OriginalInvoiceID)
		if err == nil && original.SellerMerchantID != a.req.SellerMerchantID {
			err = invoice.NotFound()
		}
		return original, err
	}
	for _, year := range a.req.OriginalYears() {
		scope := invoice.NumberScope{
			MerchantID: a.req.SellerMerchantID, DocumentType: gst.TypeInvoice, FinancialYear: year,
		}
		original, err = a.Invoices.ByNumber(ctx, scope, a.req.OriginalInvoiceNumber)
		if problem.KindOf(err) != problem.NotFound {
			return original, err
		}
	}
	return gst.Invoice{}, err
}

// correct completes the draft of a note by its original; any other draft stays as it was assessed.
func (a *attempt) correct(read originalRead) (err error) {
	a.draft, a.original = a.assessed, read.original
	switch {
	case !gst.IsNote(a.req.DocumentType):
		return nil
	case read.err != nil:
		return unavailable("the note's original could not be read", "", read.err)
	}
	a.draft, err = gst.Correct(a.assessed, a.original, a.seller)
	return err
}

// balanceRefused decides after the balance of the original refused a note.
func (a *attempt) balanceRefused(item dynamo.Item) decision {
	if err := invoice.JudgeNote(*a.original, a.draft, item); err != nil {
		return fail(saga.Refuse(err))
	}
	a.listFull = true
	return retry()
}
