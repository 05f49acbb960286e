package merchant

import (
	"errors"
	"regexp"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// Details are the fields of a profile that no rule depends on, which the table holds as JSON.
type Details struct {
	TradeName    string `json:"trade_name,omitempty"`
	City         string `json:"city,omitempty"`
	PIN          string `json:"pin,omitempty"` // of the GSTIN's state
	Phone        string `json:"phone,omitempty"`
	Email        string `json:"email,omitempty"`
	NameLocal    string `json:"name_local,omitempty"` // in another script than Latin
	AddressLocal string `json:"address_local,omitempty"`

	Filing string `json:"filing,omitempty"` // Monthly or Quarterly
	UPIID  string `json:"upi_id,omitempty"`
	Bank   *Bank  `json:"bank,omitempty"`
}

// Bank is the account to which buyers pay.
type Bank struct {
	Account string `json:"account"`
	IFSC    string `json:"ifsc"`
}

// Frequencies of a seller's returns.
const (
	Monthly   = "monthly"
	Quarterly = "quarterly" // of sellers up to ₹5 crore (notification 84/2020-Central Tax)
)

var (
	upiPattern     = regexp.MustCompile(`^[A-Za-z0-9._-]{2,40}@[A-Za-z][A-Za-z0-9]{1,22}$`)
	accountPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,18}$`)
	ifscPattern    = regexp.MustCompile(`^[A-Z]{4}0[A-Z0-9]{6}$`)
)

func readDetails(r *strictjson.Reader) Details {
	return Details{
		TradeName:    r.Text("trade_name", gst.MaxName),
		City:         gst.ReadCity(r, "city"),
		PIN:          gst.ReadPIN(r, "pin"),
		Phone:        gst.ReadPhone(r, "phone"),
		Email:        gst.ReadEmail(r, "email"),
		NameLocal:    r.Text("name_local", gst.MaxName),
		AddressLocal: r.Lines("address_local", gst.MaxAddress),
		Filing:       r.OneOf("filing", "", Monthly, Quarterly),
		UPIID:        strictjson.Matching(r, "upi_id", "upi_malformed", matches(upiPattern, "a UPI id, such as shop@bank")),
		Bank:         readBank(r),
	}
}

// check records faults of fields that contradict others.
func (p Profile) check(r *strictjson.Reader) {
	if p.GSTIN != "" && p.PIN != "" && !gst.PINOfState(p.PIN, p.GSTIN.State()) {
		r.Fail("pin", "pin_of_other_state", "is the PIN code of another state than the GSTIN's")
	}
	if p.Filing == Quarterly && !gst.MayFileQuarterly(p.Turnover) {
		r.Fail("filing", "filing_not_allowed", "a turnover above ₹5 crore is filed monthly")
	}
}

func readBank(r *strictjson.Reader) *Bank {
	v := r.Take("bank")
	fields, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			r.Fail("bank", "wrong_type", "must be an object")
		}
		return nil
	}
	account := matches(accountPattern, "1 to 18 letters and digits")
	ifsc := matches(ifscPattern, "an IFSC, such as HDFC0000001")
	b := r.Child("bank", fields)
	b.Require("account", "ifsc")
	bank := Bank{
		Account: strictjson.Matching(b, "account", "account_malformed", account),
		IFSC:    strictjson.Matching(b, "ifsc", "ifsc_malformed", ifsc),
	}
	b.Finish()
	return &bank
}

// matches returns a function that accepts the strings of a pattern. Its error says what the
// string must be.
func matches(pattern *regexp.Regexp, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !pattern.MatchString(s) {
			return "", errors.New("must be " + what)
		}
		return s, nil
	}
}
