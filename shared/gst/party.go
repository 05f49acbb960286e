package gst

import (
	"errors"

	"github.com/invochain/invochain/shared/strictjson"
)

// BuyerDetails are what a document shows of its buyer besides GSTIN, name and address.
type BuyerDetails struct {
	BuyerTradeName string `json:"buyer_trade_name,omitempty"`
	BuyerNameLocal string `json:"buyer_name_local,omitempty"` // in another script than Latin
	BuyerCity      string `json:"buyer_city,omitempty"`
	BuyerPIN       string `json:"buyer_pin,omitempty"` // of the buyer's state
	BuyerState     string `json:"buyer_state,omitempty"`
	BuyerPhone     string `json:"buyer_phone,omitempty"`
	BuyerEmail     string `json:"buyer_email,omitempty"`
	BuyerReference string `json:"buyer_reference,omitempty"` // the caller's own id of the buyer
}

// Party is where goods are sent from or to, if that is neither the seller's nor the buyer's address.
type Party struct {
	GSTIN   GSTIN  `json:"gstin,omitempty"`
	Name    string `json:"name"`
	Address string `json:"address"`
	City    string `json:"city"`
	PIN     string `json:"pin"`   // of the state; 999999 abroad
	State   string `json:"state"` // that of the GSTIN; 96 abroad
}

func parseBuyerDetails(r *strictjson.Reader) BuyerDetails {
	return BuyerDetails{
		BuyerTradeName: r.Text("buyer_trade_name", MaxName),
		BuyerNameLocal: r.Text("buyer_name_local", MaxName),
		BuyerCity:      ReadCity(r, "buyer_city"),
		BuyerPIN:       ReadPIN(r, "buyer_pin"),
		BuyerState:     strictjson.Matching(r, "buyer_state", "state_unknown", parseState),
		BuyerPhone:     ReadPhone(r, "buyer_phone"),
		BuyerEmail:     ReadEmail(r, "buyer_email"),
		BuyerReference: r.Text("buyer_reference", maxBuyerReference),
	}
}

// checkBuyer records a state or a PIN code that is not that of the buyer's GSTIN.
func checkBuyer(r *strictjson.Reader, req Request) {
	checkPlace(r, req.BuyerGSTIN, req.BuyerState, req.BuyerPIN, "buyer_")
}

// parseParty reads an address whose state and PIN code agree with each other and with the GSTIN.
func parseParty(r *strictjson.Reader) Party {
	p := Party{
		GSTIN:   strictjson.Matching(r, "gstin", "gstin_malformed", parseCheckedGSTIN),
		Name:    r.Text("name", MaxName),
		Address: r.Lines("address", MaxAddress),
		City:    ReadCity(r, "city"),
		PIN:     ReadPIN(r, "pin"),
		State:   strictjson.Matching(r, "state", "state_unknown", parseState),
	}
	r.Require("name", "address", "city", "pin", "state")
	checkPlace(r, p.GSTIN, p.State, p.PIN, "")
	return p
}

// checkPlace records a state that is not the GSTIN's, and a PIN code that is of neither. The fields'
// names begin with prefix.
func checkPlace(r *strictjson.Reader, g GSTIN, state, pin, prefix string) {
	if g != "" && state != "" && state != g.State() {
		r.Fail(prefix+"state", "state_mismatch", "is not the state of the GSTIN, "+g.State())
		return
	}
	if state == "" && g != "" {
		state = g.State()
	}
	if pin != "" && !PINOfState(pin, state) {
		r.Fail(prefix+"pin", "pin_of_other_state", "is not a PIN code of state "+state)
	}
}

func parseState(s string) (string, error) {
	if s != otherCountries && !activeState(s) && !legacyState(s) {
		return "", errors.New("must be a two-digit state code, or 96 abroad")
	}
	return s, nil
}

// parseCheckedGSTIN accepts a GSTIN with the right check character.
func parseCheckedGSTIN(s string) (GSTIN, error) {
	g, err := ParseGSTIN(s)
	if err == nil && !g.ValidChecksum() {
		err = strictjson.ValueError{Code: "gstin_checksum", Message: checksumMessage(g)}
	}
	return g, err
}

// parseOperator accepts the GSTIN of an e-commerce operator, who collects tax at source: C at 14.
func parseOperator(s string) (GSTIN, error) {
	g, err := parseCheckedGSTIN(s)
	if err == nil && g[13] != 'C' {
		err = strictjson.ValueError{
			Code: "gstin_class", Message: "must be the GSTIN of an operator who collects tax at source, with C at position 14",
		}
	}
	return g, err
}
