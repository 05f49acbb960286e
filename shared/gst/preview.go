package gst

// Preview is a request, judged and computed as it would be if it were issued now.
type Preview struct {
	// WouldBeRefused reports whether the seller's policy refuses the invoice for its findings.
	// The stock, the number and the original of a note are not looked at.
	WouldBeRefused bool              `json:"would_be_refused"`
	Draft          Invoice           `json:"draft"`
	Derived        []Derivation      `json:"derived"`
	TaxExplanation []LineExplanation `json:"tax_explanation"`
}

// PreviewOf returns the preview of a request. today is the day in India, from DayInIndia. Errors
// are those of Assess, but for findings, which the draft has.
func PreviewOf(req Request, seller Seller, today Date) (Preview, error) {
	inv, err := draft(req, seller, today)
	if err != nil {
		return Preview{}, err
	}
	return Preview{
		WouldBeRefused: inv.refusedBy(seller), Draft: inv,
		Derived: derivations(req, &inv, seller), TaxExplanation: inv.ExplainTax(),
	}, nil
}
