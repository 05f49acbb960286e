// Package data embeds 300 invoice requests of an Indian wholesaler, their expected totals
// and the stock that they need. Package generate writes the files.
package data

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"

	"github.com/invochain/invochain/shared/gst/money"
)

// The seller of every invoice.
const (
	Merchant      = "merchant-wholesale"
	MerchantGSTIN = "27SNVPK5019T1ZF"
)

//go:embed invoices.jsonl
var invoices []byte

//go:embed expected.jsonl
var expected []byte

//go:embed stock.json
var stock []byte

// Request is one invoice with its idempotency key.
type Request struct {
	IdempotencyKey string          `json:"idempotency_key"`
	Invoice        json.RawMessage `json:"invoice"`
}

// Expected holds the expected totals of one invoice.
type Expected struct {
	InvoiceNumber string      `json:"invoice_number"`
	TaxableValue  money.Paise `json:"taxable_value"`
	CGST          money.Paise `json:"cgst"`
	SGST          money.Paise `json:"sgst"`
	IGST          money.Paise `json:"igst"`
	RoundOff      money.Paise `json:"round_off"`
	Total         money.Paise `json:"total"`
}

// Requests returns the invoices in the order in which they are sent.
func Requests() ([]Request, error) { return lines[Request](invoices) }

// Totals returns the expected totals in the order of Requests.
func Totals() ([]Expected, error) { return lines[Expected](expected) }

// Stock returns the number of units to put on hand by SKU.
func Stock() (map[string]int, error) {
	var v map[string]int
	return v, json.Unmarshal(stock, &v)
}

func lines[T any](file []byte) ([]T, error) {
	var all []T
	for s := bufio.NewScanner(bytes.NewReader(file)); s.Scan(); {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
