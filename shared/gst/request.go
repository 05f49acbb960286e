package gst

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// Bounds of a request.
const (
	MaxItems        = 1000 // as in INV-01
	MaxName         = 100  // characters
	MaxAddress      = 500  // characters
	maxText         = 300  // characters
	maxRate    Rate = 100_00

	// maxItemQuantity is that of INV-01; the sum of MaxItems such quantities is within
	// money.MaxQuantity.
	maxItemQuantity money.Quantity = 9_999_999_999_999
)

// Supply types of INV-01, and B2C.
const (
	B2B    = "B2B"
	B2C    = "B2C"
	SEZWP  = "SEZWP"  // to a special economic zone, with payment of tax
	SEZWOP = "SEZWOP" // likewise, without payment
	EXPWP  = "EXPWP"  // export with payment of tax
	EXPWOP = "EXPWOP" // export without payment
	DEXP   = "DEXP"   // deemed export
)

// Request is what an integrator sends to have an invoice issued.
type Request struct {
	DocumentType          string       `json:"document_type"`
	InvoiceNumber         string       `json:"invoice_number,omitempty"`
	Series                string       `json:"series,omitempty"`
	OriginalInvoiceNumber string       `json:"original_invoice_number,omitempty"`
	SellerMerchantID      string       `json:"seller_merchant_id"`
	BuyerGSTIN            GSTIN        `json:"buyer_gstin,omitempty"`
	BuyerName             string       `json:"buyer_name,omitempty"`
	BuyerAddress          string       `json:"buyer_address,omitempty"`
	InvoiceDate           Date         `json:"invoice_date"`
	DueDate               Date         `json:"due_date,omitempty"`
	SupplyType            string       `json:"supply_type,omitempty"`
	PlaceOfSupply         string       `json:"place_of_supply,omitempty"`
	ReverseCharge         bool         `json:"reverse_charge,omitempty"`
	PricesIncludeTax      bool         `json:"prices_include_tax,omitempty"` // and cess; unit prices and discounts
	TotalAmount           *money.Paise `json:"total_amount,omitempty"`
	Items                 []Item       `json:"items"`

	Correction // of a note
	Amounts
	Particulars
}

// Item is one line of a request.
type Item struct {
	SKU         string         `json:"sku,omitempty"`
	Description string         `json:"description,omitempty"`
	HSN         string         `json:"hsn,omitempty"`
	IsService   bool           `json:"is_service,omitempty"`
	Quantity    money.Quantity `json:"quantity"`
	Unit        string         `json:"unit,omitempty"`
	UnitPrice   money.Price    `json:"unit_price"`
	Discount    money.Paise    `json:"discount,omitempty"`
	GSTRate     Rate           `json:"gst_rate"`
	CessAmount  money.Paise    `json:"cess_amount,omitempty"`

	// RetailSalePrice is that of one unit, with tax. It is of tobacco and pan masala (rule 31D).
	RetailSalePrice money.Price `json:"retail_sale_price,omitempty"`

	ItemDetails
}

// StockLine is the quantity of one SKU that a document takes out of stock or puts back.
type StockLine struct {
	SKU      string         `json:"sku"`
	Quantity money.Quantity `json:"quantity"`
	Items    []int          `json:"items,omitempty"` // positions in Request.Items, from 0
}

// Canonical returns equal bytes for requests of the same meaning, in whatever order their
// fields and in whatever form their numbers were sent. The fingerprint is its hash.
func (r Request) Canonical() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("gst: a request of plain fields cannot fail to encode: " + err.Error())
	}
	return b
}

// StockLines returns the quantity of each SKU that the items take out of stock, or put back if
// Restock is set, sorted by SKU. Items without a SKU move nothing; nor do other notes.
func (r Request) StockLines() []StockLine {
	if IsNote(r.DocumentType) && !r.Restock {
		return nil
	}
	return stockLines(r.Items)
}

func stockLines(items []Item) []StockLine {
	bySKU := map[string]StockLine{}
	for i, item := range items {
		if item.SKU != "" {
			line := bySKU[item.SKU]
			bySKU[item.SKU] = StockLine{
				item.SKU, line.Quantity + item.Quantity + item.FreeQuantity, append(line.Items, i),
			}
		}
	}
	lines := make([]StockLine, 0, len(bySKU))
	for _, sku := range slices.Sorted(maps.Keys(bySKU)) {
		lines = append(lines, bySKU[sku])
	}
	return lines
}
