package gst

import (
	"strings"

	"github.com/invochain/invochain/shared/gst/money"
)

// Invoice is an issued document in the form of the API. A draft lacks the fields that issuing
// sets: id, saga, status, time, and the number if the request names a series.
type Invoice struct {
	ID                    string       `json:"id,omitempty"`
	SagaID                string       `json:"saga_id,omitempty"`
	Status                string       `json:"status,omitempty"`
	DocumentType          string       `json:"document_type"`
	InvoiceNumber         string       `json:"invoice_number,omitempty"`
	Series                string       `json:"series,omitempty"`
	OriginalInvoiceNumber string       `json:"original_invoice_number,omitempty"`
	SellerMerchantID      string       `json:"seller_merchant_id"`
	SellerGSTIN           GSTIN        `json:"seller_gstin"`
	Seller                *Supplier    `json:"seller,omitempty"` // nil in invoices of earlier versions
	BuyerGSTIN            GSTIN        `json:"buyer_gstin,omitempty"`
	BuyerName             string       `json:"buyer_name,omitempty"`
	BuyerAddress          string       `json:"buyer_address,omitempty"`
	InvoiceDate           Date         `json:"invoice_date"`
	DueDate               Date         `json:"due_date,omitempty"`
	SupplyType            string       `json:"supply_type"`
	PlaceOfSupply         string       `json:"place_of_supply"`
	ReverseCharge         bool         `json:"reverse_charge"`
	PricesIncludeTax      bool         `json:"prices_include_tax,omitempty"`
	TotalAmount           money.Paise  `json:"total_amount"`
	Items                 []Line       `json:"items"`
	OtherCharges          []ChargeLine `json:"other_charges,omitempty"`
	Discount              money.Paise  `json:"discount,omitempty"` // after tax
	TCS                   *TCS         `json:"tcs,omitempty"`
	Totals                Totals       `json:"totals"`
	Compliance            Compliance   `json:"compliance"`
	CreatedAt             string       `json:"created_at,omitempty"` // RFC 3339, UTC, milliseconds

	Cancellation *Cancellation `json:"cancellation,omitempty"` // nil unless it was cancelled

	ContactErasedAt string `json:"contact_erased_at,omitempty"` // RFC 3339, UTC; empty unless it was erased

	Correction // of a note
	Particulars
}

// Supplier is what a document shows of its seller (rule 46(a)), as it was when the document was
// issued.
type Supplier struct {
	LegalName string `json:"legal_name"`
	TradeName string `json:"trade_name,omitempty"`
	Address   string `json:"address,omitempty"`
	City      string `json:"city,omitempty"`
	PIN       string `json:"pin,omitempty"`
	State     string `json:"state"` // code
	GSTIN     GSTIN  `json:"gstin"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`

	NameLocal    string `json:"name_local,omitempty"`
	AddressLocal string `json:"address_local,omitempty"`
}

// Line is an item with its tax.
type Line struct {
	Item
	TaxableValue money.Paise `json:"taxable_value"`
	CGST         money.Paise `json:"cgst"`
	SGST         money.Paise `json:"sgst"`
	IGST         money.Paise `json:"igst"`
	CessByRate   money.Paise `json:"cess_by_rate,omitempty"` // beside CessAmount and CessFixed
	Total        money.Paise `json:"total"`
}

// Totals are the sums of an invoice's lines and other charges. Total = TaxableValue + CGST + SGST +
// IGST + Cess − ReverseCharge − Discount + TCS + RoundOff.
type Totals struct {
	TaxableValue  money.Paise `json:"taxable_value"`
	CGST          money.Paise `json:"cgst"`
	SGST          money.Paise `json:"sgst"`
	IGST          money.Paise `json:"igst"`
	Cess          money.Paise `json:"cess"`
	ReverseCharge money.Paise `json:"reverse_charge,omitempty"` // tax and cess that the buyer pays to the state
	Discount      money.Paise `json:"discount,omitempty"`       // of the document, after tax
	TCS           money.Paise `json:"tcs,omitempty"`
	RoundOff      money.Paise `json:"round_off"`
	Total         money.Paise `json:"total"`
}

// Compliance is the result of the compliance check.
type Compliance struct {
	Findings []Finding `json:"findings"`
}

// Finding is a reason why the invoice cannot be filed as it is, or advice. FindingCodes lists its codes.
type Finding struct {
	Code    string   `json:"code"`
	Field   string   `json:"field"`
	Message string   `json:"message"`
	Blocks  []string `json:"blocks"` // filings: `GSTR-1`, `e-invoice`, `e-way bill`; none is advice
}

// StockLines returns the quantity of each SKU that the lines have, sorted by SKU.
func (i Invoice) StockLines() []StockLine {
	items := make([]Item, 0, len(i.Items))
	for _, l := range i.Items {
		items = append(items, l.Item)
	}
	return stockLines(items)
}

// FinancialYear returns the financial year of the invoice date, such as `2526`.
func (i Invoice) FinancialYear() string { return i.InvoiceDate.FinancialYear() }

// NumberKey returns the form of the number that is unique: without case (rule 46(b)).
func (i Invoice) NumberKey() string { return strings.ToUpper(i.InvoiceNumber) }
