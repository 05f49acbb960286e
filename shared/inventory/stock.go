package inventory

import (
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// Count records that OnHand is on hand of a SKU.
type Count struct {
	MerchantID, SKU string
	OnHand          money.Quantity // 0 to money.MaxQuantity
	// Key identifies the count and its repetitions among the last eight changes of the SKU. An
	// empty one stands for a count that is never repeated.
	Key string
	// IfMatch is the version that the stock must have; nil allows any, and a new SKU.
	IfMatch *int64
}

// Movement changes what is on hand of a SKU, by a receipt or a loss.
type Movement struct {
	MerchantID, SKU string
	Delta           money.Quantity // not 0, at most ± money.MaxQuantity
	Reason          string         // 1 to MaxReason characters
	Key             string         // likewise, required
}

// MaxReason bounds the reason of a movement in characters.
const MaxReason = 200

// ParseCount reads the body of PUT /inventory/{sku}. Errors are those of gst.ParseRequest.
func ParseCount(sku string, body []byte) (Count, error) {
	r, merchantID, err := read(sku, body)
	if err != nil {
		return Count{}, err
	}
	c := Count{
		MerchantID: merchantID, SKU: sku,
		OnHand: money.Field(r, "on_hand", money.ParseQuantity, 0, money.MaxQuantity),
	}
	r.Require("merchant_id", "on_hand")
	r.Finish()
	return c, r.Err()
}

// ParseMovement reads the body of POST /inventory/{sku}/movements. Errors are those of
// gst.ParseRequest.
func ParseMovement(sku string, body []byte) (Movement, error) {
	r, merchantID, err := read(sku, body)
	if err != nil {
		return Movement{}, err
	}
	isZero := false
	parse := func(s string) (money.Quantity, error) {
		q, err := money.ParseQuantity(s)
		isZero = err == nil && q == 0
		return q, err
	}
	m := Movement{
		MerchantID: merchantID, SKU: sku,
		Delta:  money.Field(r, "delta", parse, -money.MaxQuantity, money.MaxQuantity),
		Reason: r.Text("reason", MaxReason),
	}
	if isZero {
		r.Fail("delta", "out_of_range", "must not be 0")
	}
	r.Require("merchant_id", "delta", "reason")
	r.Finish()
	return m, r.Err()
}

// read returns a reader of a body, and the merchant that it names.
func read(sku string, body []byte) (*strictjson.Reader, string, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return nil, "", err
	}
	if _, err := gst.ParseSKU(sku); err != nil {
		r.Fail("sku", "sku_malformed", err.Error())
	}
	return r, strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID), nil
}
