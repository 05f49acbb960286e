package domain

import "fmt"

// Compliance policies of a merchant.
const (
	Strict = "strict" // a finding refuses the request
	Advise = "advise" // a finding is returned beside the invoice
)

// Merchant is a seller.
type Merchant struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	GSTIN      GSTIN  `json:"gstin"`
	Address    string `json:"address,omitempty"`
	Compliance string `json:"compliance"`
}

// ParseMerchant reads the body of PUT /merchants/{id}: name and gstin are
// required, compliance is strict unless advise is asked for. Errors as those of
// ParseRequest.
func ParseMerchant(id string, body []byte) (Merchant, error) {
	fields, err := tree(body)
	if err != nil {
		return Merchant{}, err
	}
	r := newReader(fields)
	if !ValidMerchantID(id) {
		r.fail("id", "merchant_malformed", "must be 1 to 64 letters, digits, dots, hyphens and underscores")
	}
	m := Merchant{
		ID: id, Name: r.text("name", maxName), Address: r.text("address", maxAddress),
		GSTIN: matching(r, "gstin", "gstin_malformed", sellerGSTIN), Compliance: r.oneOf("compliance", Strict, Advise),
	}
	r.required("name", "gstin")
	r.finish()
	return m, r.problem()
}

// sellerGSTIN must be right in all, whatever the merchant's policy: it is on every
// invoice, and tells where each supply is taxed.
func sellerGSTIN(s string) (GSTIN, error) {
	g, err := ParseGSTIN(s)
	switch {
	case err != nil:
		return "", err
	case !g.Checks():
		return "", valueError{"gstin_checksum", fmt.Sprintf("the check character should be %c", g.CheckCharacter())}
	case !g.registration().sells:
		return "", valueError{"gstin_class", "registrations of this class issue no tax invoices"}
	case !liveState(g.State()):
		return "", valueError{"state_unknown", "its first two digits are no state that registers sellers"}
	}
	return g, nil
}

// Stock is the body of PUT /inventory/{sku}.
type Stock struct {
	MerchantID string
	OnHand     Quantity
}

// ParseStock reads it. Errors as those of ParseRequest.
func ParseStock(sku string, body []byte) (Stock, error) {
	fields, err := tree(body)
	if err != nil {
		return Stock{}, err
	}
	r := newReader(fields)
	if !ValidSKU(sku) {
		r.fail("sku", "sku_malformed", "must be 1 to 64 letters, digits and ._/-")
	}
	s := Stock{
		MerchantID: matching(r, "merchant_id", "merchant_malformed", shaped(merchantShape, "1 to 64 letters, digits, dots, hyphens and underscores")),
		OnHand:     amount(r, "on_hand", ParseQuantity, quantityDecimals, 0),
	}
	r.required("merchant_id", "on_hand")
	r.finish()
	return s, r.problem()
}
