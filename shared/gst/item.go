package gst

import (
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

func parseItems(r *strictjson.Reader) []Item {
	items := []Item{}
	for _, item := range r.Objects("items", MaxItems) {
		items = append(items, parseItem(item))
		item.Finish()
	}
	return items
}

func parseItem(r *strictjson.Reader) Item {
	item := Item{
		SKU:         strictjson.Matching(r, "sku", "sku_malformed", ParseSKU),
		Description: r.Lines("description", maxText),
		HSN:         strictjson.Matching(r, "hsn", "hsn_malformed", matches(hsnPattern, "2 to 8 digits")),
		IsService:   r.Flag("is_service"),
		Unit:        strictjson.Matching(r, "unit", "unit_unknown", parseUnit),
	}
	r.Require("quantity", "unit_price", "gst_rate")
	item.Quantity = money.Field(r, "quantity", money.ParseQuantity, 1, maxItemQuantity)
	item.UnitPrice = money.Field(r, "unit_price", money.ParsePrice, 0, money.MaxPrice)
	item.Discount = money.Field(r, "discount", money.ParsePaise, 0, money.MaxPaise)
	item.CessAmount = money.Field(r, "cess_amount", money.ParsePaise, 0, money.MaxPaise)
	item.RetailSalePrice = money.Field(r, "retail_sale_price", money.ParsePrice, 0, money.MaxPrice)
	item.GSTRate = parseRate(r, "gst_rate", maxRate)
	item.ItemDetails = parseItemDetails(r)
	checkItem(r, item)
	return item
}
