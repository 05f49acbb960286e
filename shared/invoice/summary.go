package invoice

import (
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// Summary is an invoice in a list. Its fields have the names of gst.Invoice.
type Summary struct {
	ID            string      `json:"id"`
	SagaID        string      `json:"saga_id"`
	Status        string      `json:"status"`
	DocumentType  string      `json:"document_type"`
	InvoiceNumber string      `json:"invoice_number"`
	BuyerGSTIN    gst.GSTIN   `json:"buyer_gstin,omitempty"`
	BuyerName     string      `json:"buyer_name,omitempty"`
	InvoiceDate   gst.Date    `json:"invoice_date"`
	DueDate       gst.Date    `json:"due_date,omitempty"`
	TotalAmount   money.Paise `json:"total_amount"`
	CreatedAt     string      `json:"created_at"`
}

// Summarize returns the summary of an invoice.
func Summarize(inv gst.Invoice) Summary {
	return Summary{
		ID: inv.ID, SagaID: inv.SagaID, Status: inv.Status, DocumentType: inv.DocumentType,
		InvoiceNumber: inv.InvoiceNumber, BuyerGSTIN: inv.BuyerGSTIN, BuyerName: inv.BuyerName,
		InvoiceDate: inv.InvoiceDate, DueDate: inv.DueDate, TotalAmount: inv.TotalAmount, CreatedAt: inv.CreatedAt,
	}
}
