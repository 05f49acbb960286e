package gst

import (
	"cmp"
	"strings"
)

// Contact is what a document knows of its buyer that no law wants kept, so that the buyer may have it
// erased. The state of the buyer is no part of it: the place of supply depends on it.
type Contact struct {
	BuyerReference string `json:"buyer_reference,omitempty"`
	BuyerEmail     string `json:"buyer_email,omitempty"`
	BuyerPhone     string `json:"buyer_phone,omitempty"`

	// Of an unregistered buyer, below the value from which rule 46(e) wants name and address.
	BuyerName      string `json:"buyer_name,omitempty"`
	BuyerAddress   string `json:"buyer_address,omitempty"`
	BuyerTradeName string `json:"buyer_trade_name,omitempty"`
	BuyerNameLocal string `json:"buyer_name_local,omitempty"`
	BuyerCity      string `json:"buyer_city,omitempty"`
	BuyerPIN       string `json:"buyer_pin,omitempty"`
}

// SplitContact returns the invoice without its contact, and the contact. It is empty for a buyer
// without an identifier, whom a request to erase it could not name.
func (i Invoice) SplitContact() (Invoice, Contact) {
	if i.BuyerIdentifier() == "" {
		return i, Contact{}
	}
	c := Contact{BuyerReference: i.BuyerReference, BuyerEmail: i.BuyerEmail, BuyerPhone: i.BuyerPhone}
	i.BuyerReference, i.BuyerEmail, i.BuyerPhone = "", "", ""
	if !i.mayForgetBuyer() {
		return i, c
	}
	c.BuyerName, c.BuyerAddress, c.BuyerTradeName = i.BuyerName, i.BuyerAddress, i.BuyerTradeName
	c.BuyerNameLocal, c.BuyerCity, c.BuyerPIN = i.BuyerNameLocal, i.BuyerCity, i.BuyerPIN
	i.BuyerName, i.BuyerAddress, i.BuyerTradeName = "", "", ""
	i.BuyerNameLocal, i.BuyerCity, i.BuyerPIN = "", "", ""
	return i, c
}

// mayForgetBuyer reports whether the document need not name its buyer (rule 46(e)).
func (i *Invoice) mayForgetBuyer() bool {
	return i.SupplyType == B2C && i.BuyerGSTIN == "" && i.value() < namedBuyerFrom
}

// WithContact returns the invoice that SplitContact split, by what the contact has: the limit may have
// been another when the invoice was issued.
func (i Invoice) WithContact(c Contact) Invoice {
	for field, value := range map[*string]string{
		&i.BuyerReference: c.BuyerReference, &i.BuyerEmail: c.BuyerEmail, &i.BuyerPhone: c.BuyerPhone,
		&i.BuyerName: c.BuyerName, &i.BuyerAddress: c.BuyerAddress, &i.BuyerTradeName: c.BuyerTradeName,
		&i.BuyerNameLocal: c.BuyerNameLocal, &i.BuyerCity: c.BuyerCity, &i.BuyerPIN: c.BuyerPIN,
	} {
		*field = cmp.Or(value, *field)
	}
	return i
}

// BuyerIdentifier returns what identifies the buyer of a contact to the merchant: its own id of the
// buyer, else the e-mail address, else the phone number. It is empty if there is none: a document
// that has at most a GSTIN knows nothing of its buyer that may be erased, or nothing to ask by.
func (d BuyerDetails) BuyerIdentifier() string {
	return cmp.Or(strings.TrimSpace(d.BuyerReference), d.BuyerEmail, d.BuyerPhone)
}
