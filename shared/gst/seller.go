package gst

import (
	"fmt"

	"github.com/invochain/invochain/shared/strictjson"
)

// Compliance policies of a merchant.
const (
	Strict = "strict" // a finding refuses the request
	Advise = "advise" // a finding is returned with the invoice
)

// Seller is what the tax of a supply depends on. Any policy but Advise is Strict.
type Seller struct {
	GSTIN      GSTIN
	Compliance string
}

// ParseSellerGSTIN accepts a GSTIN that may issue tax invoices. It must be entirely
// right, whatever the merchant's policy: every invoice shows it, and its state decides
// where each supply is taxed.
func ParseSellerGSTIN(s string) (GSTIN, error) {
	g, err := ParseGSTIN(s)
	switch {
	case err != nil:
		return "", err
	case !g.ValidChecksum():
		return "", strictjson.ValueError{Code: "gstin_checksum", Message: fmt.Sprintf("the check character should be %c", g.CheckCharacter())}
	case !g.registration().sells:
		return "", strictjson.ValueError{Code: "gstin_class", Message: "this class of registration cannot issue tax invoices"}
	case !liveState(g.State()):
		return "", strictjson.ValueError{Code: "state_unknown", Message: "the first two digits are not the code of a state that registers sellers"}
	}
	return g, nil
}
