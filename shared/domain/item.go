package domain

import (
	"errors"
	"fmt"
)

func (r *reader) items() []Item {
	v, given := r.take("items")
	list, ok := v.([]any)
	if given && !ok {
		r.fail("items", "wrong_type", "must be a list")
	}
	if len(list) > MaxItems {
		r.fail("items", "too_many_items", fmt.Sprintf("at most %d lines", MaxItems))
		return nil
	}
	items := make([]Item, 0, len(list))
	for i, v := range list {
		path := fmt.Sprintf("items[%d]", i)
		fields, ok := v.(map[string]any)
		if !ok {
			r.fail(path, "wrong_type", "must be an object")
			continue
		}
		line := &reader{path: path + ".", fields: fields, errs: r.errs}
		items = append(items, line.item())
		line.finish()
	}
	return items
}

func (r *reader) item() Item {
	item := Item{
		SKU:         matching(r, "sku", "sku_malformed", shaped(skuShape, "1 to 64 letters, digits and ._/-")),
		Description: r.text("description", maxText),
		HSN:         matching(r, "hsn", "hsn_malformed", shaped(hsnShape, "2 to 8 digits")),
		IsService:   r.flag("is_service"),
		Unit:        matching(r, "unit", "unit_unknown", unit),
	}
	r.required("quantity", "unit_price", "gst_rate")
	item.Quantity = amount(r, "quantity", ParseQuantity, quantityDecimals, 1)
	if item.Quantity > maxItemQuantity {
		r.fail("quantity", "out_of_range", "is over "+maxItemQuantity.String())
	}
	item.UnitPrice = amount(r, "unit_price", ParsePrice, priceDecimals, 0)
	item.Discount = amount(r, "discount", ParsePaise, amountDecimals, 0)
	item.CessAmount = amount(r, "cess_amount", ParsePaise, amountDecimals, 0)
	item.GSTRate = Rate(amount(r, "gst_rate", ParsePaise, amountDecimals, 0))
	if item.GSTRate > maxRate {
		r.fail("gst_rate", "out_of_range", "is over 100 percent")
	}
	return item
}

func unit(s string) (string, error) {
	if !knownUnit(s) {
		return "", errors.New("is no unit quantity code of the portal")
	}
	return s, nil
}

// amount is a number from least upwards.
func amount[T ~int64](r *reader, name string, parse func(string) (T, error), decimals int, least T) T {
	literal, given := r.decimal(name)
	if !given {
		return 0
	}
	n, err := parse(literal)
	r.number(name, err, n < least, decimals)
	return n
}
