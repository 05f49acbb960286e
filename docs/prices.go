// Package docs embeds the data that documents and programs share.
package docs

import (
	_ "embed"
	"encoding/json"
	"strconv"
)

//go:embed prices.json
var prices []byte

// Price is a list price of AWS.
type Price struct {
	USD    float64 `json:"usd"`
	Per    float64 `json:"per"` // units that USD buys
	Unit   string  `json:"unit"`
	AsOf   string  `json:"as_of"` // YYYY-MM
	Source string  `json:"source"`
}

// PriceList is docs/prices.json.
type PriceList struct {
	Region string           `json:"region"`
	Note   string           `json:"note"`
	Prices map[string]Price `json:"prices"`
}

// Prices returns the list prices of AWS. It panics if the file is malformed, which a test excludes.
func Prices() PriceList {
	var list PriceList
	if err := json.Unmarshal(prices, &list); err != nil {
		panic("docs: prices.json: " + err.Error())
	}
	return list
}

// Of returns a price in US dollars for one unit. It panics if the list has no such price.
func (l PriceList) Of(name string) float64 {
	p, ok := l.Prices[name]
	if !ok {
		panic("docs: prices.json has no " + name)
	}
	return p.USD / p.Per
}

// Decimal returns a price for one unit as decimal text of at most ten significant digits, for queries.
func (l PriceList) Decimal(name string) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(l.Of(name), 'e', 9, 64), 64)
	if err != nil {
		panic("docs: " + err.Error())
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
