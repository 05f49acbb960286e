package inventory

import (
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// Stock is the body of PUT /inventory/{sku}.
type Stock struct {
	MerchantID string
	OnHand     money.Quantity
}

// ParseStock reads the body of PUT /inventory/{sku}. Errors are those of gst.ParseRequest.
func ParseStock(sku string, body []byte) (Stock, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return Stock{}, err
	}
	if _, err := gst.ParseSKU(sku); err != nil {
		r.Fail("sku", "sku_malformed", err.Error())
	}
	s := Stock{
		MerchantID: strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID),
		OnHand:     money.Field(r, "on_hand", money.ParseQuantity, 0, money.MaxQuantity),
	}
	r.Require("merchant_id", "on_hand")
	r.Finish()
	return s, r.Err()
}
