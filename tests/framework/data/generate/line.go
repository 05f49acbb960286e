package main

import (
	"fmt"
	"time"
)

// line is an item of an invoice request, with the integers from which it was generated.
type line struct {
	SKU         string `json:"sku,omitempty"`
	Description string `json:"description"`
	HSN         string `json:"hsn"`
	IsService   bool   `json:"is_service,omitempty"`
	Quantity    any    `json:"quantity"`
	Unit        string `json:"unit,omitempty"`
	UnitPrice   any    `json:"unit_price"`
	Discount    any    `json:"discount,omitempty"`
	GSTRate     int    `json:"gst_rate"`

	quantity, price, discount int // thousandths of a unit, thousandths of a rupee, paise
}

func (g *generator) line(day time.Time) line {
	p := pick(g.rand, products())
	l := line{
		SKU: p.sku, Description: p.name, HSN: p.hsn, IsService: p.unit == "", Unit: p.unit, GSTRate: p.before,
		quantity: 1000 * (1 + g.rand.IntN(40)), price: p.price,
	}
	if !day.Before(time.Date(2025, time.September, 22, 0, 0, 0, 0, time.UTC)) {
		l.GSTRate = p.after
	}
	if p.loose {
		l.quantity += g.rand.IntN(1000)
	}
	if g.rand.IntN(3) == 0 { // up to a tenth of the unit price
		l.discount = 1 + g.rand.IntN(p.price/100)
		l.Discount = decimal(l.discount, 2)
	}
	l.Quantity, l.UnitPrice = decimal(l.quantity, 3), decimal(l.price, 3)
	return l
}

// decimal formats n/10^places, as a string for odd n and as a JSON number for even n: the
// API accepts both.
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
