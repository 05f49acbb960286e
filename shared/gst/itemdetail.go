package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// Natures of a line. A line without one is taxable at its rate.
const (
	NatureTaxable = "taxable"
	NatureNil     = "nil"     // the rate of the tariff is 0
	NatureExempt  = "exempt"  // exempt by a notification (CGST Act s.11)
	NatureNonGST  = "non_gst" // outside GST, such as petrol or alcohol for people (CGST Act s.9(1), (2))
)

// ItemDetails are fields of a line that few lines have.
type ItemDetails struct {
	Nature          string         `json:"nature,omitempty"`
	DiscountPercent Rate           `json:"discount_percent,omitempty"` // of quantity × unit price, instead of a discount
	FreeQuantity    money.Quantity `json:"free_quantity,omitempty"`    // given besides the quantity, without a price
	CessRate        Rate           `json:"cess_rate,omitempty"`        // on the taxable value
	CessFixed       money.Paise    `json:"cess_fixed,omitempty"`       // such as an amount for each piece
	ReverseCharge   bool           `json:"reverse_charge,omitempty"`   // of this line; Request.ReverseCharge is of all
	Batch           string         `json:"batch,omitempty"`
	OriginCountry   string         `json:"origin_country,omitempty"` // ISO 3166-1 alpha-2
	OrderLine       string         `json:"order_line,omitempty"`     // of the buyer's order
}

// Bounds of the details of a line, as in INV-01.
const (
	maxBatch     = 20 // characters
	maxOrderLine = 50 // characters

	maxCessRate Rate = 999_99
)

func parseItemDetails(r *strictjson.Reader) ItemDetails {
	return ItemDetails{
		Nature:          r.OneOf("nature", "", NatureTaxable, NatureNil, NatureExempt, NatureNonGST),
		DiscountPercent: parseRate(r, "discount_percent", maxRate),
		FreeQuantity:    money.Field(r, "free_quantity", money.ParseQuantity, 0, maxItemQuantity),
		CessRate:        parseRate(r, "cess_rate", maxCessRate),
		CessFixed:       money.Field(r, "cess_fixed", money.ParsePaise, 0, money.MaxPaise),
		ReverseCharge:   r.Flag("reverse_charge"),
		Batch:           r.Text("batch", maxBatch),
		OriginCountry:   strictjson.Matching(r, "origin_country", "country_unknown", parseCountry),
		OrderLine:       r.Text("order_line", maxOrderLine),
	}
}

// parseRate reads a percentage of at most 2 decimals.
func parseRate(r *strictjson.Reader, name string, most Rate) Rate {
	return Rate(money.Field(r, name, money.ParsePaise, 0, money.Paise(most)))
}

// checkItem records the faults that show only when fields of a line are compared with each other.
func checkItem(r *strictjson.Reader, item Item) {
	if r.Given("discount") && r.Given("discount_percent") {
		r.Fail("discount_percent", "discount_twice", "give either discount or discount_percent, not both")
	}
	if item.Quantity+item.FreeQuantity > maxItemQuantity {
		r.Fail("free_quantity", "out_of_range", fmt.Sprintf("must be at most %s with quantity", maxItemQuantity))
	}
	if item.untaxed() && item.GSTRate != 0 {
		r.Fail("gst_rate", "rate_not_applicable", fmt.Sprintf("must be 0: a line of nature %s bears no tax", item.Nature))
	}
	switch cess := item.cessField(); {
	case cess == "":
	case item.untaxed():
		r.Fail(cess, "cess_not_applicable", fmt.Sprintf("leave it out: a line of nature %s bears no cess", item.Nature))
	case item.RetailSalePrice != 0 && item.CessRate != 0:
		r.Fail("cess_rate", "cess_not_applicable", "leave it out: cess ended before tax on the retail sale price began")
	}
}

// untaxed reports whether the nature of an item bears no tax. An item without a nature may have rate 0.
func (i Item) untaxed() bool {
	return i.Nature == NatureNil || i.Nature == NatureExempt || i.Nature == NatureNonGST
}

// taxable reports whether an item may bear tax. One without a nature at rate 0 counts as nil-rated.
func (i Item) taxable() bool {
	return i.Nature == NatureTaxable || i.GSTRate != 0 || i.cessField() != ""
}

// checkLines records the faults of lines that show only when they are compared with the document.
func checkLines(r *strictjson.Reader, req Request) {
	for n, item := range req.Items {
		if req.PricesIncludeTax && item.ReverseCharge {
			r.Fail(fmt.Sprintf("items[%d].reverse_charge", n), "tax_not_charged",
				"leave it out: prices that include tax are of lines whose tax the seller charges")
		}
	}
}
