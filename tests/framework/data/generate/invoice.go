package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Invoice is the body of an invoice request.
type Invoice struct {
	DocumentType          string `json:"document_type,omitempty"`
	InvoiceNumber         string `json:"invoice_number"`
	OriginalInvoiceNumber string `json:"original_invoice_number,omitempty"`
	SellerMerchantID      string `json:"seller_merchant_id"`
	BuyerGSTIN            string `json:"buyer_gstin,omitempty"`
	BuyerName             string `json:"buyer_name"`
	BuyerAddress          string `json:"buyer_address"`
	InvoiceDate           string `json:"invoice_date"`
	DueDate               string `json:"due_date,omitempty"`
	SupplyType            string `json:"supply_type,omitempty"`
	PlaceOfSupply         string `json:"place_of_supply,omitempty"`
	TotalAmount           any    `json:"total_amount,omitempty"`
	Items                 []line `json:"items"`

	buyer buyer
}

type generator struct {
	rand     *rand.Rand
	sent     []Invoice // invoices so far, for credit notes
	credited map[string]bool
	credits  int
}

// document generates document n. Documents are in the order of their dates, about one a
// day; every tenth is a credit note.
func (g *generator) document(n int) (Request, Expected) {
	day := time.Date(2025, time.April, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n*9/10)
	var invoice Invoice
	if n%10 == 9 {
		invoice = g.creditNote()
	} else {
		invoice = g.invoice(day)
	}
	invoice.SellerMerchantID, invoice.InvoiceDate = Merchant, day.Format(time.DateOnly)
	e := newExpected(invoice)
	if n%4 == 1 { // every fourth request states the total, exact to the paisa
		e.finish(true)
		invoice.TotalAmount = e.Total
	} else {
		e.finish(false)
	}
	return Request{IdempotencyKey: g.uuid(), Invoice: invoice}, *e
}

func (g *generator) invoice(day time.Time) Invoice {
	b := pick(g.rand, buyers())
	invoice := Invoice{
		InvoiceNumber: fmt.Sprintf("W/25-26/%04d", len(g.sent)+1), DueDate: day.AddDate(0, 0, 30).Format(time.DateOnly),
		BuyerName: b.name, BuyerGSTIN: b.gstin, BuyerAddress: b.address,
		SupplyType: b.supply, PlaceOfSupply: b.place, buyer: b,
	}
	for range 1 + g.rand.IntN(6) {
		invoice.Items = append(invoice.Items, g.line(day))
	}
	g.sent = append(g.sent, invoice)
	return invoice
}

// creditNote credits whole lines of a recent invoice at its original prices and rates, each invoice once.
func (g *generator) creditNote() Invoice {
	g.credits++
	recent := g.sent[max(0, len(g.sent)-40):]
	at := g.rand.IntN(len(recent))
	for g.credited[recent[at].InvoiceNumber] {
		at = (at + 1) % len(recent)
	}
	note := recent[at]
	g.credited[note.InvoiceNumber] = true
	note.DocumentType, note.OriginalInvoiceNumber = "CRN", note.InvoiceNumber
	note.InvoiceNumber, note.DueDate = fmt.Sprintf("CN/25-26/%04d", g.credits), ""
	first := g.rand.IntN(len(note.Items))
	note.Items = note.Items[first : first+1+g.rand.IntN(len(note.Items)-first)]
	return note
}

func (g *generator) uuid() string {
	a, b := g.rand.Uint64(), g.rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// stock returns more units of each SKU than the invoices need.
func stock() map[string]int {
	units := map[string]int{}
	for _, p := range products() {
		if p.sku != "" {
			units[p.sku] = 100000
		}
	}
	return units
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
