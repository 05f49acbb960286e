package gst_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// TestAgreesWithExactFractions assesses 2,000 random documents. Their amounts are computed beside
// it in fractions that are exact, by other formulas: of prices that include tax, the tax is what
// dividing by 1 + rate takes away.
func TestAgreesWithExactFractions(t *testing.T) {
	t.Parallel()
	const documents = 2000
	random, seen := documentsOf(20261129), map[string]int{}
	for n := range documents {
		d := random.document()
		body, err := json.Marshal(d.body)
		require.NoError(t, err)
		inv, err := gst.Assess(parse(t, string(body)), seller, "")
		require.NoError(t, err, "%d: %s", n, body)
		require.Equal(t, d.expected(), amountsOf(t, inv), "%d: %s", n, body)
		require.Equal(t, d.outOfForce(), linesNotInForce(inv), "%d: %s", n, body)
		seen[d.supply]++
		seen[d.kind]++
		seen[fmt.Sprintf("inclusive %v, reverse charge %v", d.inclusive, d.reverse)]++
	}
	require.Len(t, seen, 7+3+3, "every supply type, document type and kind of price: %v", seen)
}

// amountsOf returns an invoice's amounts as the API writes them.
func amountsOf(t *testing.T, inv gst.Invoice) map[string]string {
	t.Helper()
	all := map[string]string{}
	add := func(of string, amounts any) {
		b, err := json.Marshal(amounts)
		require.NoError(t, err)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(b, &fields))
		for _, name := range []string{"taxable_value", "cgst", "sgst", "igst", "cess", "round_off", "total"} {
			if amount, shown := fields[name].(float64); shown {
				all[of+name] = new(big.Rat).SetFloat64(amount).FloatString(2)
			}
		}
	}
	for n, l := range inv.Items {
		add(fmt.Sprintf("%d.", n), l)
	}
	add("", inv.Totals)
	return all
}

// linesNotInForce returns how many lines have the finding rate_not_in_force.
func linesNotInForce(inv gst.Invoice) (lines int) {
	for _, f := range inv.Compliance.Findings {
		if f.Code == "rate_not_in_force" {
			lines++
		}
	}
	return lines
}

// document is a random request, with what decides its amounts.
type document struct {
	body                      map[string]any
	date, kind, supply        string
	intra, reverse, inclusive bool
	lines                     []line
}

type line struct{ quantity, price, discount, cess, rate *big.Rat }

// documents makes random documents.
type documents struct{ *rand.Rand }

func documentsOf(seed uint64) documents { return documents{rand.New(rand.NewPCG(seed, 0))} }

// decimal returns a number below limit of some decimals.
func (r documents) decimal(limit, decimals int64) *big.Rat {
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	return big.NewRat(r.Int64N(limit*scale), scale)
}

func (r documents) one(of ...string) string { return of[r.IntN(len(of))] }

func (r documents) document() document {
	d := document{
		date:   r.one("2025-09-21", "2025-09-22", "2026-01-31", "2026-02-01", "2025-11-26"),
		kind:   r.one("INV", "INV", "INV", "CRN", "DBN"),
		supply: r.one("B2B", "B2C", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP", "DEXP"),
	}
	d.inclusive = r.IntN(3) == 0
	d.reverse = !d.inclusive && r.IntN(5) == 0
	d.body = map[string]any{
		"series": "S", "seller_merchant_id": "m", "invoice_date": d.date, "document_type": d.kind, "supply_type": d.supply,
	}
	if d.kind != "INV" {
		d.body["original_invoice_number"] = "A-1"
	}
	local := r.IntN(2) == 0
	switch state := map[bool]string{true: "27", false: "29"}[local]; d.supply {
	case "B2C":
		d.body["place_of_supply"] = state
	case "B2B", "DEXP", "SEZWP", "SEZWOP":
		d.body["buyer_gstin"] = map[string]string{"27": "27AAACI1681G1ZP", "29": "29AABCU9603R1ZJ"}[state]
	}
	d.intra = local && (d.supply == "B2B" || d.supply == "B2C" || d.supply == "DEXP")
	if d.reverse {
		d.body["reverse_charge"] = true
	}
	if d.inclusive {
		d.body["prices_include_tax"] = true
	}
	var items []any
	for range 1 + r.IntN(5) {
		l := r.line(d)
		d.lines = append(d.lines, l)
		items = append(items, map[string]any{
			"description": "x", "hsn": "732393", "unit": "NOS", "quantity": l.quantity.FloatString(3),
			"unit_price": l.price.FloatString(3), "discount": l.discount.FloatString(2), "cess_amount": l.cess.FloatString(2),
			"gst_rate": l.rate.FloatString(2),
		})
	}
	d.body["items"] = items
	return d
}

// line returns a line whose discount and cess its price covers.
func (r documents) line(d document) line {
	l := line{
		quantity: new(big.Rat).Add(big.NewRat(1, 1000), r.decimal(500, 3)),
		price:    r.decimal(20_000, 3), discount: new(big.Rat), cess: new(big.Rat),
		rate: []*big.Rat{
			big.NewRat(0, 1), big.NewRat(5, 1), big.NewRat(12, 1), big.NewRat(18, 1), big.NewRat(28, 1), big.NewRat(40, 1),
		}[r.IntN(6)],
	}
	quarter := round(product(product(l.quantity, l.price), big.NewRat(1, 4)))
	if r.IntN(3) == 0 {
		l.discount = quarter
	}
	if r.IntN(4) == 0 && d.taxed() {
		l.cess = quarter
	}
	return l
}

func (d document) taxed() bool { return d.supply != "SEZWOP" && d.supply != "EXPWOP" }

// outOfForce returns how many lines have a rate that goods of no special code did not bear.
// A note may bear a rate that has ended.
func (d document) outOfForce() (lines int) {
	before := d.date < "2025-09-22"
	for _, l := range d.lines {
		switch rate := l.rate.RatString(); {
		case rate == "40" && before, (rate == "12" || rate == "28") && !before && d.kind == "INV":
			lines++
		}
	}
	return lines
}

// expected returns what amountsOf has to return.
func (d document) expected() map[string]string {
	all, sum := map[string]string{}, map[string]*big.Rat{}
	for _, name := range []string{"taxable_value", "cgst", "sgst", "igst", "cess", "round_off", "total"} {
		sum[name] = new(big.Rat)
	}
	for n, l := range d.lines {
		for name, amount := range d.amounts(l) {
			sum[name].Add(sum[name], amount)
			if name != "cess" {
				all[fmt.Sprintf("%d.%s", n, name)] = amount.FloatString(2)
			}
		}
	}
	rupees := roundTo(sum["total"], 1)
	sum["round_off"], sum["total"] = new(big.Rat).Sub(rupees, sum["total"]), rupees
	for name, amount := range sum {
		all[name] = amount.FloatString(2)
	}
	return all
}

func (d document) amounts(l line) map[string]*big.Rat {
	price := new(big.Rat).Sub(round(product(l.quantity, l.price)), l.discount)
	taxable, tax := price, new(big.Rat)
	switch factor := new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).Quo(l.rate, big.NewRat(100, 1))); {
	case d.inclusive:
		taxable = new(big.Rat).Sub(price, l.cess)
		if d.taxed() {
			tax = new(big.Rat).Sub(taxable, new(big.Rat).Quo(taxable, factor))
		}
	case d.taxed():
		tax = new(big.Rat).Sub(product(taxable, factor), taxable)
	}
	a := map[string]*big.Rat{"cgst": new(big.Rat), "sgst": new(big.Rat), "igst": new(big.Rat), "cess": l.cess}
	if d.intra {
		a["cgst"] = round(product(tax, big.NewRat(1, 2)))
		a["sgst"] = a["cgst"]
	} else {
		a["igst"] = round(tax)
	}
	charged := new(big.Rat).Add(new(big.Rat).Add(a["cgst"], a["sgst"]), a["igst"])
	if d.inclusive {
		taxable = new(big.Rat).Sub(taxable, charged)
	}
	a["taxable_value"], a["total"] = taxable, taxable
	if !d.reverse {
		a["total"] = new(big.Rat).Add(taxable, new(big.Rat).Add(charged, l.cess))
	}
	return a
}

func product(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// round returns the nearest amount in paise, half a paisa up.
func round(x *big.Rat) *big.Rat { return roundTo(x, 100) }

// roundTo returns the nearest multiple of 1 ÷ parts, the half up. x is not negative.
func roundTo(x *big.Rat, parts int64) *big.Rat {
	scaled := new(big.Rat).Add(product(x, big.NewRat(parts, 1)), big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	return new(big.Rat).SetFrac(whole, big.NewInt(parts))
}
