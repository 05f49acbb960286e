package gst_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// TestAgreesWithExactFractions assesses 2,000 random documents. Their amounts are computed beside
// it in fractions that are exact, by other formulas: of prices that include tax, the net value is the
// price divided by 1 + rates, and each tax a multiple of it.
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
		seen[fmt.Sprintf("charges %v, discount %v", len(d.charges) > 0, d.discount.Sign() > 0)]++
		seen[fmt.Sprintf("TCS by rate %v, amount %v", d.tcsRate.Sign() > 0, d.tcs.Sign() > 0)]++
		for _, l := range d.lines {
			seen["nature "+l.nature]++
			seen[fmt.Sprintf("cess by rate %v, amount %v", l.cessRate.Sign() > 0, l.cess.Sign() > 0)]++
			seen[fmt.Sprintf("line's reverse charge %v, percent %v", l.reverse, l.percent.Sign() > 0)]++
		}
	}
	require.Len(t, seen, 7+3+3+4+3+5+4+4, "every type, and kind of price, of amount and of line: %v", seen)
}

// amountNames lists the amounts of lines and totals. What is 0 may be left out.
func amountNames() []string {
	return []string{
		"taxable_value", "cgst", "sgst", "igst", "cess_by_rate", "cess", "reverse_charge", "discount", "tcs", "round_off",
		"total",
	}
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
		for _, name := range amountNames() {
			if amount, shown := fields[name].(float64); shown && (amount != 0 || !optional(name)) {
				all[of+name] = new(big.Rat).SetFloat64(amount).FloatString(2)
			}
		}
	}
	for n, l := range inv.Items {
		add(fmt.Sprintf("%d.", n), l)
	}
	for n, c := range inv.OtherCharges {
		add(fmt.Sprintf("charge %d.", n), c)
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
	lines, charges            []line
	discount, tcs, tcsRate    *big.Rat
}

type line struct {
	quantity, price, discount, percent, rate *big.Rat
	cess, fixed, cessRate                    *big.Rat
	nature                                   string
	reverse                                  bool
}

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
	if d.intra && r.IntN(6) == 0 {
		d.body["igst_on_intra"], d.intra = true, false
	}
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
		items = append(items, l.body())
	}
	d.body["items"] = items
	r.addAmounts(&d)
	return d
}

// addAmounts adds charges, a discount that the lines cover, and tax collected at source.
func (r documents) addAmounts(d *document) {
	d.discount, d.tcs, d.tcsRate = new(big.Rat), new(big.Rat), new(big.Rat)
	var charges []any
	for range max(0, r.IntN(5)-2) {
		c := r.line(document{supply: "EXPWOP"})
		c.quantity, c.discount, c.percent, c.nature = big.NewRat(1, 1), new(big.Rat), new(big.Rat), ""
		c.price, c.reverse = round(c.price), false
		d.charges = append(d.charges, c)
		charges = append(charges, map[string]any{
			"description": "x", "hsn": "732393", "amount": c.price.FloatString(2), "gst_rate": c.rate.FloatString(2),
		})
	}
	if charges != nil {
		d.body["other_charges"] = charges
	}
	if r.IntN(3) == 0 {
		d.discount = round(product(d.amounts(d.lines[0])["total"], big.NewRat(1, 7)))
		d.body["discount"] = d.discount.FloatString(2)
	}
	switch r.IntN(4) {
	case 0:
		d.tcsRate = add(big.NewRat(1, 100), r.decimal(5, 2))
		d.body["tcs"] = map[string]any{"rate": d.tcsRate.FloatString(2)}
	case 1:
		d.tcs = add(big.NewRat(1, 100), r.decimal(500, 2))
		d.body["tcs"] = map[string]any{"amount": d.tcs.FloatString(2)}
	}
}

// body returns the line as a request has it.
func (l line) body() map[string]any {
	body := map[string]any{
		"description": "x", "hsn": "732393", "unit": "NOS", "quantity": l.quantity.FloatString(3),
		"unit_price": l.price.FloatString(3), "gst_rate": l.rate.FloatString(2), "nature": l.nature,
		"cess_amount": l.cess.FloatString(2), "cess_fixed": l.fixed.FloatString(2), "cess_rate": l.cessRate.FloatString(2),
	}
	if l.percent.Sign() > 0 {
		body["discount_percent"] = l.percent.FloatString(2)
	} else {
		body["discount"] = l.discount.FloatString(2)
	}
	if l.reverse {
		body["reverse_charge"] = true
	}
	return body
}

// optional reports whether an amount is left out where it is 0.
func optional(name string) bool {
	return name == "cess_by_rate" || name == "reverse_charge" || name == "discount" || name == "tcs"
}

// line returns a line whose discount and cess its price covers.
func (r documents) line(d document) line {
	l := line{
		quantity: new(big.Rat).Add(big.NewRat(1, 1000), r.decimal(500, 3)),
		price:    r.decimal(20_000, 3), discount: new(big.Rat), percent: new(big.Rat),
		cess: new(big.Rat), fixed: new(big.Rat), cessRate: new(big.Rat),
		reverse: !d.inclusive && r.IntN(5) == 0, nature: r.one("", "taxable", "nil", "exempt", "non_gst"),
		rate: []*big.Rat{
			big.NewRat(0, 1), big.NewRat(5, 1), big.NewRat(12, 1), big.NewRat(18, 1), big.NewRat(28, 1), big.NewRat(40, 1),
		}[r.IntN(6)],
	}
	quarter := round(product(product(l.quantity, l.price), big.NewRat(1, 4)))
	switch r.IntN(3) {
	case 0:
		l.discount = quarter
	case 1:
		l.percent = r.decimal(50, 2)
	}
	if l.nature != "" && l.nature != "taxable" {
		l.rate = new(big.Rat)
		return l
	}
	if d.taxed() && r.IntN(4) == 0 {
		l.cess, l.fixed = round(product(quarter, big.NewRat(1, 2))), round(product(quarter, big.NewRat(1, 3)))
	}
	if d.taxed() && r.IntN(4) == 0 {
		l.cessRate = r.decimal(300, 2)
	}
	return l
}

func (d document) taxed() bool { return d.supply != "SEZWOP" && d.supply != "EXPWOP" }

// outOfForce returns how many lines have a rate that goods of no special code did not bear.
// A note may bear a rate that has ended.
func (d document) outOfForce() (lines int) {
	before := d.date < "2025-09-22"
	for _, l := range slices.Concat(d.lines, d.charges) {
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
	for _, name := range amountNames() {
		sum[name] = new(big.Rat)
	}
	count := func(prefix string, l line) {
		for name, amount := range d.amounts(l) {
			sum[name].Add(sum[name], amount)
			if name != "cess" && name != "reverse_charge" && (amount.Sign() != 0 || !optional(name)) {
				all[prefix+name] = amount.FloatString(2)
			}
		}
	}
	for n, l := range d.lines {
		count(fmt.Sprintf("%d.", n), l)
	}
	for n, c := range d.charges {
		count(fmt.Sprintf("charge %d.", n), c)
	}
	sum["discount"] = d.discount
	sum["total"] = less(sum["total"], d.discount)
	sum["tcs"] = add(d.tcs, round(product(sum["total"], percent(d.tcsRate))))
	sum["total"] = add(sum["total"], sum["tcs"])
	rupees := roundTo(sum["total"], 1)
	sum["round_off"], sum["total"] = new(big.Rat).Sub(rupees, sum["total"]), rupees
	delete(sum, "cess_by_rate")
	for name, amount := range sum {
		if amount.Sign() != 0 || !optional(name) {
			all[name] = amount.FloatString(2)
		}
	}
	return all
}

func (d document) amounts(l line) map[string]*big.Rat {
	gross := round(product(l.quantity, l.price))
	given := add(l.cess, l.fixed)
	off := add(l.discount, round(product(gross, percent(l.percent))))
	net := less(gross, off)
	paid := net // with tax and cess by rate, where prices include them
	if d.inclusive {
		paid = less(net, given)
		net = new(big.Rat).Quo(paid, add(big.NewRat(1, 1), d.rates(l)))
	}
	a := map[string]*big.Rat{}
	for _, head := range []string{"cgst", "sgst", "igst", "cess_by_rate"} {
		a[head] = new(big.Rat)
	}
	if d.taxed() {
		tax := product(net, percent(l.rate))
		if d.intra {
			a["cgst"] = round(product(tax, big.NewRat(1, 2)))
			a["sgst"] = a["cgst"]
		} else {
			a["igst"] = round(tax)
		}
		a["cess_by_rate"] = round(product(net, percent(l.cessRate)))
	}
	a["discount"] = off
	a["cess"] = add(given, a["cess_by_rate"])
	charged := add(add(a["cgst"], a["sgst"]), add(a["igst"], a["cess"]))
	a["taxable_value"], a["reverse_charge"] = net, new(big.Rat)
	if d.inclusive {
		a["taxable_value"] = less(add(paid, given), charged)
	}
	if d.reverse || l.reverse {
		a["reverse_charge"] = charged
	}
	a["total"] = less(add(a["taxable_value"], charged), a["reverse_charge"])
	return a
}

// rates returns the rates of tax and cess that a price includes, as one fraction.
func (d document) rates(l line) *big.Rat {
	if !d.taxed() {
		return new(big.Rat)
	}
	return percent(add(l.rate, l.cessRate))
}

func percent(rate *big.Rat) *big.Rat { return product(rate, big.NewRat(1, 100)) }

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }

func less(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func product(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// round returns the nearest amount in paise, half a paisa up.
func round(x *big.Rat) *big.Rat { return roundTo(x, 100) }

// roundTo returns the nearest multiple of 1 ÷ parts, the half up. x is not negative.
func roundTo(x *big.Rat, parts int64) *big.Rat {
	scaled := new(big.Rat).Add(product(x, big.NewRat(parts, 1)), big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	return new(big.Rat).SetFrac(whole, big.NewInt(parts))
}
