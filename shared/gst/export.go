package gst

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Export is what an export's document shows of customs and of the buyer's currency. Amounts of the
// document are in rupees.
type Export struct {
	ShippingBillNumber string             `json:"shipping_bill_number,omitempty"`
	ShippingBillDate   Date               `json:"shipping_bill_date,omitempty"`
	PortCode           string             `json:"port_code,omitempty"`
	Country            string             `json:"country,omitempty"`       // ISO 3166-1 alpha-2
	Currency           string             `json:"currency,omitempty"`      // ISO 4217
	ExchangeRate       money.ExchangeRate `json:"exchange_rate,omitempty"` // rupees for one unit
	TotalInCurrency    money.Paise        `json:"total_in_currency,omitempty"`
	LUT                string             `json:"lut,omitempty"` // reference of the letter of undertaking
}

// maxLUT is the most characters of a letter of undertaking's reference.
const maxLUT = 30

var (
	shippingBillPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)
	portPattern         = regexp.MustCompile(`^[A-Za-z0-9]{2,10}$`)
)

func parseExport(r *strictjson.Reader) Export {
	bill := matches(shippingBillPattern, "1 to 20 letters and digits")
	port := matches(portPattern, "2 to 10 letters and digits")
	e := Export{
		ShippingBillNumber: strictjson.Matching(r, "shipping_bill_number", "shipping_bill_malformed", bill),
		ShippingBillDate:   strictjson.Matching(r, "shipping_bill_date", "date_invalid", ParseDate),
		PortCode:           strictjson.Matching(r, "port_code", "port_malformed", port),
		Country:            strictjson.Matching(r, "country", "country_unknown", parseCountry),
		Currency:           strictjson.Matching(r, "currency", "currency_unknown", parseCurrency),
		ExchangeRate:       money.Field(r, "exchange_rate", money.ParseExchangeRate, 1, money.MaxExchangeRate),
		TotalInCurrency:    money.Field(r, "total_in_currency", money.ParsePaise, 0, money.MaxPaise),
		LUT:                r.Text("lut", maxLUT),
	}
	if e.Currency != "" && e.Currency != "INR" && !r.Given("exchange_rate") {
		r.Fail("exchange_rate", "required", "is required with a currency other than INR")
	}
	return e
}

// currencies lists the codes of currencies in use: ISO 4217.
const currencies = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN " +
	"BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ " +
	"GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL " +
	"LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN " +
	"PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD " +
	"TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"

func parseCurrency(s string) (string, error) {
	if !slices.Contains(strings.Fields(currencies), s) {
		return "", fmt.Errorf("%q is not a currency's code of three letters (ISO 4217), such as USD", problem.Clip(s))
	}
	return s, nil
}
