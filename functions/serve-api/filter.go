package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
)

var financialYear = regexp.MustCompile(`^[0-9]{4}$`)

// parseFilter reads the filters of the list of invoices. Error: a 400 that names the first
// malformed one.
func parseFilter(r httpapi.Request) (invoice.Filter, error) {
	var f invoice.Filter
	var err error
	if f.DocumentType, err = oneOf(r, "document_type", gst.DocumentTypes()...); err != nil {
		return f, err
	}
	if f.Status, err = oneOf(r, "status", invoice.Statuses()...); err != nil {
		return f, err
	}
	if f.FinancialYear, err = parseQuery(r, "financial_year", parseFinancialYear); err != nil {
		return f, err
	}
	if f.BuyerGSTIN, err = parseQuery(r, "buyer_gstin", gst.ParseGSTIN); err != nil {
		return f, err
	}
	if f.Reference, err = parseQuery(r, "reference", gst.ParseReference); err != nil {
		return f, err
	}
	if f.ExternalID, err = parseQuery(r, "external_id", gst.ParseReference); err != nil {
		return f, err
	}
	if f.From, err = parseQuery(r, "from", gst.ParseDate); err != nil {
		return f, err
	}
	if f.To, err = parseQuery(r, "to", gst.ParseDate); err != nil {
		return f, err
	}
	if f.To != "" && f.To < f.From {
		return f, httpapi.InvalidQuery("to", "must not be before from")
	}
	return f, nil
}

func parseFinancialYear(s string) (string, error) {
	if !financialYear.MatchString(s) {
		return "", errors.New("must be four digits such as 2526")
	}
	return s, nil
}

// oneOf returns a query parameter that has one of the values; empty if it is not given.
func oneOf[T ~string](r httpapi.Request, name string, values ...T) (T, error) {
	return parseQuery(r, name, func(s string) (T, error) {
		var names []string
		for _, v := range values {
			if names = append(names, string(v)); string(v) == s {
				return v, nil
			}
		}
		return "", errors.New("must be one of " + strings.Join(names, ", "))
	})
}

// parseQuery parses a query parameter; the zero value if it is not given.
func parseQuery[T any](r httpapi.Request, name string, parse func(string) (T, error)) (value T, err error) {
	if r.Query(name) == "" {
		return value, nil
	}
	if value, err = parse(r.Query(name)); err != nil {
		err = httpapi.InvalidQuery(name, err.Error())
	}
	return value, err
}
