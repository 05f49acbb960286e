package gst

import (
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
)

// Credit is what a credit note takes back of its original, or what an original has to take back.
type Credit struct {
	Value        money.Paise // with tax and cess, without round-off; of a document without items its total
	TaxableValue money.Paise
	Tax          money.Paise // and cess
	Rates        []RateCredit
}

// RateCredit is the taxable value at one rate.
type RateCredit struct {
	Rate         Rate
	TaxableValue money.Paise
}

// Credit returns the amounts of a document. Rates are sorted.
func (i Invoice) Credit() Credit {
	t := i.Totals
	c := Credit{
		Value: t.Total, TaxableValue: t.TaxableValue, Tax: t.CGST + t.SGST + t.IGST + t.Cess, Rates: []RateCredit{},
	}
	if len(i.Items) > 0 {
		c.Value = c.TaxableValue + c.Tax
	}
	for _, l := range i.Items {
		c.add(l.GSTRate, l.TaxableValue)
	}
	for _, charge := range i.OtherCharges {
		c.add(charge.GSTRate, charge.TaxableValue)
	}
	return c
}

func (c *Credit) add(rate Rate, value money.Paise) {
	at, found := slices.BinarySearchFunc(c.Rates, rate, func(r RateCredit, rate Rate) int { return int(r.Rate - rate) })
	if !found {
		c.Rates = slices.Insert(c.Rates, at, RateCredit{Rate: rate})
	}
	c.Rates[at].TaxableValue += value
}

// At returns the taxable value at a rate.
func (c Credit) At(rate Rate) money.Paise {
	for _, r := range c.Rates {
		if r.Rate == rate {
			return r.TaxableValue
		}
	}
	return 0
}
