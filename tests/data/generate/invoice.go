package main

import (
	"fmt"
	"math/rand/v2"
)

type generator struct {
	rand *rand.Rand
	sent []string // numbers of invoices so far, for credit notes
}

// product of the wholesaler, with its rates before and from 22 September 2025.
type product struct {
	sku, name, hsn, unit string
	price                int // paise
	before, after        int // percent
	service              bool
}

func products() []product {
	return []product{
		{"RICE-25KG", "Basmati rice, bag of 25 kg", "10063020", "BAG", 187550, 5, 5, false},
		{"WHEAT-50", "Wheat, loose", "10019910", "KGS", 3225, 0, 0, false},
		{"TV-55", "Television, 55 inch", "852872", "NOS", 4899900, 28, 18, false},
		{"SOAP-72", "Toilet soap, carton of 72", "34011190", "CTN", 215999, 18, 5, false},
		{"COLA-24", "Aerated drink, crate of 24", "22021010", "BOX", 86400, 28, 40, false},
		{"STEEL-ROD", "Steel rod, 12 mm", "72142090", "MTR", 6275, 18, 18, false},
		{"NOTEBOOK", "Exercise book", "48202000", "DOZ", 47925, 12, 0, false},
		{"", "Freight and handling", "996511", "", 150000, 18, 18, true},
	}
}

// buyers by GSTIN; each check character is right. The seller is in Maharashtra (27).
func buyers() []string {
	return []string{"27AAACI1681G1ZP", "29AAACI1681G1ZL", "24AAACI1681G1ZV", "07AAACI1681G1ZR", "32AAACI1681G1ZY", "20AAACI1681G3Z1"}
}

func names() []string {
	return []string{"Sharma Stores", "शर्मा ट्रेडर्स", "மீனா அங்காடி", "Café Goa 🥭", "متجر النور"}
}

func (g *generator) invoice(n int) (Request, Expected) {
	after := n%3 != 0
	invoiceNumber := fmt.Sprintf("W-%04d", n+1)
	invoice := map[string]any{
		"seller_merchant_id": Merchant, "invoice_number": invoiceNumber,
		"invoice_date": g.date(after), "buyer_name": pick(g.rand, names()),
	}
	intra, taxed := g.supply(n, invoice)
	e := newExpected(invoiceNumber, intra, taxed)
	lines := []any{}
	for range 1 + g.rand.IntN(6) {
		lines = append(lines, g.line(after, e))
	}
	invoice["items"] = lines
	if n%10 == 9 { // a credit note for an earlier invoice
		invoice["document_type"], invoice["original_invoice_number"] = "CRN", pick(g.rand, g.sent)
	} else {
		g.sent = append(g.sent, e.InvoiceNumber)
	}
	e.finish(n%4 == 1)
	if n%4 == 1 { // this one's software rounds to the paisa, not to the rupee
		invoice["total_amount"] = e.Total
	}
	return Request{IdempotencyKey: g.uuid(), Invoice: invoice}, *e
}

// supply sets who buys and where, and tells whether the supply is intra-state and
// whether it bears tax.
func (g *generator) supply(n int, invoice map[string]any) (intra, taxed bool) {
	switch n % 8 {
	case 5:
		invoice["buyer_gstin"], invoice["supply_type"] = "27AAACI1681G1ZP", "SEZWP"
		return false, true
	case 6:
		invoice["supply_type"], invoice["place_of_supply"] = pick(g.rand, []string{"EXPWP", "EXPWOP"}), "96"
		return false, invoice["supply_type"] == "EXPWP"
	case 7:
		invoice["supply_type"] = "B2C"
		invoice["buyer_address"] = "4 Station Road, Mumbai 400001"
		invoice["place_of_supply"] = pick(g.rand, []string{"27", "29", "33"})
		return invoice["place_of_supply"] == "27", true
	default:
		buyer := pick(g.rand, buyers())
		invoice["buyer_gstin"] = buyer
		return buyer[:2] == "27", true
	}
}

func (g *generator) line(after bool, e *Expected) map[string]any {
	p := pick(g.rand, products())
	rate := p.before
	if after {
		rate = p.after
	}
	quantity := 1000 * (1 + g.rand.IntN(40)) // thousandths
	if p.unit == "KGS" || p.unit == "MTR" {
		quantity += g.rand.IntN(1000)
	}
	discount := 0
	if g.rand.IntN(3) == 0 {
		discount = g.rand.IntN(p.price)
	}
	line := map[string]any{
		"description": p.name, "hsn": p.hsn, "quantity": decimal(quantity, 3), "unit_price": decimal(p.price, 2), "gst_rate": rate,
	}
	if p.sku != "" {
		line["sku"], line["unit"] = p.sku, p.unit
	}
	if p.service {
		line["is_service"] = true
	}
	if discount > 0 {
		line["discount"] = decimal(discount, 2)
	}
	e.add(quantity, p.price, discount, rate)
	return line
}

func (g *generator) date(after bool) string {
	if after {
		return fmt.Sprintf("2025-%02d-%02d", 10+g.rand.IntN(3), 1+g.rand.IntN(28))
	}
	return fmt.Sprintf("2025-%02d-%02d", 4+g.rand.IntN(5), 1+g.rand.IntN(28))
}

func (g *generator) uuid() string {
	a, b := g.rand.Uint64(), g.rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// stock that covers everything, in units.
func (g *generator) stock() map[string]int {
	stock := map[string]int{}
	for _, p := range products() {
		if p.sku != "" {
			stock[p.sku] = 100000
		}
	}
	return stock
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// decimal writes n scaled down by 10^places, as a string for odd n and a JSON
// number for even ones: both are on the wire.
func decimal(n, places int) any {
	scale := 1
	for range places {
		scale *= 10
	}
	s := fmt.Sprintf("%d.%0*d", n/scale, places, n%scale)
	if n%2 == 1 {
		return s
	}
	return number(s)
}
