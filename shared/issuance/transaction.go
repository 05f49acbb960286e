package issuance

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/audit/commitment"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/strictjson"
)

// Indexes of an attempt's items in the commit's transaction. A note to a known original has one more, at
// atBalance, a document whose external id is unique one at externalAt, one with the first contact of
// a buyer one at buyerAt, and then a merchant's first invoice one which fixes the merchant's GSTIN.
const (
	atSaga = iota
	_      // the invoice: its id is derived from the saga's, so the saga's condition covers it
	atNumber
	atBalance
)

// transaction is what commits an attempt, without the advance of its series.
type transaction struct {
	items  []types.TransactWriteItem // in the order of the indexes above
	bytes  int                       // of the answer and the document, compressed
	result Result                    // that it commits
}

// transaction returns the transaction that commits the attempt at position p of its series.
func (a *attempt) transaction(p position, steps []saga.StepAttempt) (transaction, error) {
	inv, err := a.invoiceAt(p)
	if err != nil {
		return transaction{}, err
	}
	body, err := strictjson.Marshal(inv)
	if err != nil {
		return transaction{}, err
	}
	compressed, err := idempotency.Compress(body)
	if err != nil {
		return transaction{}, err
	}
	document, err := a.document(inv, body, compressed)
	if err != nil {
		return transaction{}, err
	}
	advance, err := a.Sagas.Commit(a.begun, saga.CommitInput{
		InvoiceID: inv.ID, Number: inv.InvoiceNumber, Document: inv.DocumentType, Dated: string(inv.InvoiceDate),
		TotalPaise: int64(inv.Totals.Total), Commitment: commitment.Of(document.Salt, document.body),
		Status: http.StatusCreated, Compressed: compressed,
	}, a.stampDuration(steps))
	if err != nil {
		return transaction{}, err
	}
	puts, err := a.Invoices.PutItems(document.New)
	if err != nil {
		return transaction{}, err
	}
	items := append([]types.TransactWriteItem{advance}, puts...)
	if a.original != nil {
		balance, err := a.Invoices.RecordNote(*a.original, inv, !a.listFull)
		if err != nil {
			return transaction{}, err
		}
		items = append(items, balance)
	}
	if a.claimsExternalID() {
		claim, err := a.Invoices.ClaimExternalID(inv)
		if err != nil {
			return transaction{}, err
		}
		items = append(items, claim)
	}
	if a.buyer.isNew {
		key, err := a.Buyers.PutKey(inv.SellerMerchantID, a.buyer.subject, a.buyer.key)
		if err != nil {
			return transaction{}, err
		}
		items = append(items, key)
	}
	if !a.sellerInUse {
		mark, err := a.Merchants.MarkInUse(inv.SellerMerchantID, a.seller.GSTIN)
		if err != nil {
			return transaction{}, err
		}
		items = append(items, mark)
	}
	return transaction{items, len(compressed) + len(document.Document), Result{
		Status: http.StatusCreated, Body: body, InvoiceID: inv.ID, SagaID: inv.SagaID,
		Document: inv.DocumentType, Total: inv.Totals.Total,
	}}, nil
}

// document is an invoice as it is stored: its contact is sealed, and the audit log commits to the rest.
type document struct {
	invoice.New

	body []byte // JSON
}

// document returns the document of an invoice. body is the JSON of the whole invoice, and compressed is
// that compressed: without a contact they are the document's own.
func (a *attempt) document(inv gst.Invoice, body, compressed []byte) (document, error) {
	kept, contact, err := invoice.SealContact(inv, a.buyer.subject, a.buyer.key)
	if err != nil {
		return document{}, err
	}
	if contact.Given() {
		if body, err = strictjson.Marshal(kept); err != nil {
			return document{}, err
		}
		if compressed, err = idempotency.Compress(body); err != nil {
			return document{}, err
		}
	}
	return document{invoice.New{
		Scope: scopeOf(inv), Invoice: kept, Series: a.req.Series, Unique: a.claimsExternalID(),
		Document: compressed, Salt: commitment.NewSalt(), Contact: contact,
	}, body}, nil
}

// claimsExternalID reports whether no other document may have the external id of the request.
func (a *attempt) claimsExternalID() bool { return a.uniqueIDs && a.draft.ExternalID != "" }

// externalAt returns the index of the claim of an external id.
func (a *attempt) externalAt() int {
	if a.original == nil {
		return atBalance
	}
	return atBalance + 1
}

// buyerAt returns the index of the new key of a buyer.
func (a *attempt) buyerAt() int {
	if a.claimsExternalID() {
		return a.externalAt() + 1
	}
	return a.externalAt()
}

// invoiceAt returns the invoice with its id, time and, at position p of a series, number.
func (a *attempt) invoiceAt(p position) (gst.Invoice, error) {
	inv := a.draft
	inv.SagaID = a.begun.Saga.SagaID
	inv.ID, inv.Status = invoice.IDFromSaga(inv.SagaID), invoice.Issued
	inv.CreatedAt = timestamp(a.Now())
	if a.req.Series == "" {
		return inv, nil
	}
	number, err := gst.SeriesNumber(a.req.Series, inv.FinancialYear(), int64(p))
	if err != nil {
		return gst.Invoice{}, saga.Refuse(err)
	}
	inv.InvoiceNumber = number
	return inv, nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stampDuration sets the duration of the last step, which is the commit itself.
func (a *attempt) stampDuration(steps []saga.StepAttempt) []saga.StepAttempt {
	last := &steps[len(steps)-1]
	last.DurationMS = a.Now().UnixMilli() - last.StartedAt
	return steps
}

func scopeOf(inv gst.Invoice) invoice.NumberScope {
	return invoice.NumberScope{
		MerchantID:    inv.SellerMerchantID,
		DocumentType:  inv.DocumentType,
		FinancialYear: inv.FinancialYear(),
	}
}
