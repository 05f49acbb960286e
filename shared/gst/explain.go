package gst

import "fmt"

// Derivation names the rule that gives a value of an invoice.
type Derivation struct {
	Field  string `json:"field"`  // path in the invoice; tax_head is in none
	Value  string `json:"value"`  // as text
	Rule   string `json:"rule"`   // sections of the Acts, rules of the CGST Rules
	Reason string `json:"reason"` // why the rule gives this value
}

// derivations returns how the values of an invoice follow from its request and its seller.
func derivations(req Request, i *Invoice, seller Seller) []Derivation {
	head, rule, reason := i.taxHead(i.subject())
	all := []Derivation{
		supplyDerivation(req, i.SupplyType),
		placeDerivation(req, i, seller),
		{"tax_head", head, rule, reason},
	}
	if i.reverseChargeField() != "" {
		all = append(all, reverseChargeDerivation(i))
	}
	if i.TCS != nil && i.TCS.Rate != 0 {
		all = append(all, tcsDerivation(i))
	}
	if len(i.Items) > 0 {
		all = append(all, roundOffDerivation(req, i))
	}
	return all
}

func supplyDerivation(req Request, supply string) Derivation {
	d := Derivation{"supply_type", supply, supplyRule(supply), "given in the request"}
	switch {
	case req.SupplyType != "":
	case req.BuyerGSTIN != "":
		d.Reason = "the buyer has a GSTIN"
	default:
		d.Reason = "the buyer has no GSTIN"
	}
	return d
}

func supplyRule(supply string) string {
	switch supply {
	case B2C:
		return "rule 46(e), (f)"
	case SEZWP, SEZWOP:
		return "IGST Act s.16(1)(b)"
	case EXPWP, EXPWOP:
		return "IGST Act s.16(1)(a)"
	case DEXP:
		return "CGST Act s.147"
	default:
		return "rule 46(d)"
	}
}

func placeDerivation(req Request, i *Invoice, seller Seller) Derivation {
	rule, reason := defaultPlaceRule(req, i)
	d := Derivation{"place_of_supply", i.PlaceOfSupply, rule, reason}
	usual := defaultPlace(req, i.SupplyType, seller)
	switch req.PlaceOfSupply {
	case "":
	case usual:
		d.Reason = "given in the request, and also " + reason
	default:
		d.Rule = i.subject().cite("IGST Act ss.10, 11", "IGST Act ss.12, 13")
		d.Reason = fmt.Sprintf("given in the request; the default is %s, %s", usual, reason)
	}
	return d
}

// unregisteredGoodsFrom is the first day of IGST Act s.10(1)(ca) (Finance Act 2023).
const unregisteredGoodsFrom Date = "2023-10-01"

// defaultPlaceRule returns the rule of defaultPlace. Goods are taken to move to the buyer's state.
func defaultPlaceRule(req Request, i *Invoice) (rule, reason string) {
	s := i.subject()
	switch {
	case isExport(i.SupplyType):
		return s.cite("IGST Act s.11(b)", "IGST Act s.13(2)"), "the code for places outside India, as of each export"
	case req.BuyerGSTIN != "":
		return s.cite("IGST Act s.10(1)(a)", "IGST Act s.12(2)(a)"), "the state of the buyer's GSTIN"
	case i.InvoiceDate < unregisteredGoodsFrom:
		return s.cite("IGST Act s.10(1)(a)", "IGST Act s.12(2)(b)"), "the seller's state, as the buyer is unregistered"
	default:
		return s.cite("IGST Act s.10(1)(ca)", "IGST Act s.12(2)(b)"), "the seller's state, as the buyer is unregistered"
	}
}

func reverseChargeDerivation(i *Invoice) Derivation {
	rule := "IGST Act s.5(3), (4)"
	if i.intraState() {
		rule = "CGST Act s.9(3), (4)"
	}
	reason := "under reverse charge the buyer pays the tax; the total leaves it out"
	if !i.ReverseCharge {
		reason = fmt.Sprintf("under reverse charge the buyer pays %s of the tax; the total leaves it out",
			i.Totals.ReverseCharge)
	}
	return Derivation{"totals.total", i.Totals.Total.String(), rule, reason}
}

func tcsDerivation(i *Invoice) Derivation {
	t := i.Totals
	return Derivation{
		"tcs.amount", t.TCS.String(), "Income-tax Act 1961 s.206C; Income-tax Act 2025 s.394",
		fmt.Sprintf("%s × %s %%, of the total before it", t.Total-t.RoundOff-t.TCS, i.TCS.Rate),
	}
}

func roundOffDerivation(req Request, i *Invoice) Derivation {
	t := i.Totals
	sum, parts := t.Total-t.RoundOff, "the items"
	if len(i.OtherCharges) > 0 || t.Discount != 0 || t.TCS != 0 {
		parts = "items, other charges, discount and TCS"
	}
	reason := fmt.Sprintf("%s add up to %s, rounded to the rupee", parts, sum)
	if req.TotalAmount != nil {
		reason = fmt.Sprintf("total_amount of the request, %s, less the sum of %s, %s", t.Total, parts, sum)
	}
	return Derivation{"totals.round_off", t.RoundOff.String(), "CGST Act s.170", reason}
}
