package gst

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/invochain/invochain/shared/gst/money"
)

// namedBuyerFrom is the value of a supply, before tax, from which the invoice of an
// unregistered buyer requires a name and an address (rule 46(e)).
const namedBuyerFrom money.Paise = 50_000_00

// Bounds of the buyer's name and address in INV-01, in characters. An address has two lines.
const (
	minLegalName    = 3
	maxTwoAddresses = 200
)

func buyerFindings(r *report, i *Invoice) {
	registrationFindings(r, i)
	if i.SupplyType == B2C {
		unregisteredFindings(r, i)
		return
	}
	if utf8.RuneCountInString(strings.TrimSpace(i.BuyerName)) < minLegalName {
		r.add("buyer_name_missing", "buyer_name", "give the buyer's name, of 3 to 100 characters", eInvoice)
	}
	if strings.TrimSpace(i.BuyerAddress) == "" {
		r.add("buyer_address_missing", "buyer_address", "give the buyer's address", eInvoice)
	}
	if utf8.RuneCountInString(i.BuyerAddress) > maxTwoAddresses {
		r.add("buyer_address_long", "buyer_address", "an e-invoice takes 200 characters; shorten the address")
	}
	const latin = "give it in Latin letters for the e-invoice"
	for _, text := range [][2]string{
		{"buyer_name", i.BuyerName},
		{"buyer_address", i.BuyerAddress},
		{"buyer_trade_name", i.BuyerTradeName},
		{"buyer_city", i.BuyerCity},
	} {
		if !isLatin(text[1]) {
			r.add("text_not_latin", text[0], latin)
		}
	}
}

// registrationFindings finds what is wrong with the buyer's GSTIN, and with its absence.
func registrationFindings(r *report, i *Invoice) {
	g := i.BuyerGSTIN
	switch {
	case g == "" && needsBuyerGSTIN(i.SupplyType):
		r.add("gstin_missing", "buyer_gstin", fmt.Sprintf("supply type %s requires the buyer's GSTIN", i.SupplyType))
	case g == "":
		return
	case !g.ValidChecksum():
		r.add("gstin_checksum", "buyer_gstin", checksumMessage(g))
	case !g.registration().buys:
		r.add("gstin_class", "buyer_gstin", "this class of registration cannot receive a registered supply")
	case (i.SupplyType == SEZWP || i.SupplyType == SEZWOP) && !g.registration().zone:
		r.add("sez_buyer_class", "buyer_gstin",
			"a unit or developer of a zone has a GSTIN of the normal class; give it, or another supply type")
	case outOfUse(g.State(), i.InvoiceDate):
		r.add("state_legacy", "buyer_gstin", legacyMessage(g.State()))
	case !activeState(g.State()) && !legacyState(g.State()):
		r.add("state_unknown", "buyer_gstin", "the first two digits are not a state code")
	}
	switch {
	case g == "":
	case g == i.SellerGSTIN:
		r.add("buyer_is_seller", "buyer_gstin", "this is the seller's own GSTIN; give the buyer's")
	case isExport(i.SupplyType):
		r.add("export_buyer_gstin", "buyer_gstin",
			"the buyer of an export has no GSTIN; leave it out, or give the supply type of a supply in India")
	case i.SupplyType == B2C:
		r.add("supply_type_mismatch", "supply_type", "a supply to a buyer with a GSTIN cannot be B2C; leave it out")
	}
}

// unregisteredFindings finds what the invoice of an unregistered buyer lacks.
func unregisteredFindings(r *report, i *Invoice) {
	if i.BuyerGSTIN != "" || i.value() < namedBuyerFrom {
		return
	}
	const message = "a supply of ₹50,000 or more to an unregistered buyer requires buyer_name and buyer_address"
	if strings.TrimSpace(i.BuyerName) == "" {
		r.add("buyer_name_missing", "buyer_name", message)
	}
	if strings.TrimSpace(i.BuyerAddress) == "" {
		r.add("buyer_address_missing", "buyer_address", message)
	}
}

// value returns the value of the supply: before tax if there are lines, else the total.
func (i *Invoice) value() money.Paise {
	if len(i.Items) == 0 {
		return i.Totals.Total
	}
	return i.Totals.TaxableValue
}

func needsBuyerGSTIN(supply string) bool {
	switch supply {
	case B2B, SEZWP, SEZWOP, DEXP:
		return true
	default:
		return false
	}
}

func isExport(supply string) bool { return supply == EXPWP || supply == EXPWOP }

// isLatin reports whether all letters of a text are Latin. Digits, signs and emoji are no letters.
func isLatin(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) })
}

func legacyMessage(state string) string {
	return fmt.Sprintf("state code %s was no longer in use on this date; give the code that replaced it", state)
}
