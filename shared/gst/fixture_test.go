package gst_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// seller is registered in state 27.
var seller = gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}

// Buyers of the seller's state, of another, and without registration, as fields for oneLine.
const (
	buyerIn27 = `"buyer_gstin":"27AAACI1681G1ZP",` + named
	buyerIn29 = `"buyer_gstin":"29AABCU9603R1ZJ",` + named

	named = `"buyer_name":"Brightway Stores","buyer_address":"7 Brigade Road",`
)

// literal is the request that integrators already send.
const literal = `{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN",` +
	`"invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`

// lined is a request of three lines and two SKUs.
const lined = `{"series":"S","seller_merchant_id":"m","buyer_gstin":"29AABCU9603R1ZJ",` +
	`"invoice_date":"2025-11-26","items":[` +
	`{"sku":"A","description":"x","hsn":"732393","quantity":"2.5","unit":"KGS","unit_price":"10.125","discount":1,` +
	`"gst_rate":18},` +
	`{"sku":"A","quantity":1,"unit_price":1,"gst_rate":0},{"sku":"B","quantity":1,"unit_price":1,"gst_rate":0.25}]}`

// oneLine returns a request of one line; fields are further fields of the request.
func oneLine(quantity, price, rate, fields string) string {
	const line = `{"description":"x","hsn":"732393","unit":"NOS","quantity":%s,"unit_price":%s,"gst_rate":%s}`
	return lines(1, fmt.Sprintf(line, quantity, price, rate), fields)
}

// lines returns a request of n equal lines; fields are further fields of the request.
func lines(n int, line, fields string) string {
	items := strings.TrimSuffix(strings.Repeat(line+",", n), ",")
	return fmt.Sprintf(`{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26",%s"items":[%s]}`, fields, items)
}

// edit returns body with the first occurrence of from replaced; from must occur.
func edit(body, from, to string) string {
	before, after, found := strings.Cut(body, from)
	if !found {
		panic(fmt.Sprintf("%q is not in %s", from, body))
	}
	return before + to + after
}

func parse(t *testing.T, body string) gst.Request {
	t.Helper()
	req, err := gst.ParseRequest([]byte(body))
	require.NoError(t, err)
	return req
}

func assess(t *testing.T, body string) gst.Invoice {
	t.Helper()
	inv, err := gst.Assess(parse(t, body), seller, "")
	require.NoError(t, err)
	return inv
}

// assessError returns the error that Assess returns for a request.
func assessError(t *testing.T, body string) *problem.Error {
	t.Helper()
	_, err := gst.Assess(parse(t, body), seller, "")
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// refusal returns the status and code of a body's refusal, and the code of each field.
func refusal(t *testing.T, body string) (int, string, map[string]string) {
	t.Helper()
	_, err := gst.ParseRequest([]byte(body))
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, problem.Invalid, e.Kind)
	fields := map[string]string{}
	for _, f := range e.Fields {
		require.NotContains(t, fields, f.Field, "a field fails once")
		fields[f.Field] = f.Code
	}
	return e.Status, e.Code, fields
}

func requireRoundTrip(t *testing.T, inv gst.Invoice) {
	t.Helper()
	b, err := json.Marshal(inv)
	require.NoError(t, err)
	var decoded gst.Invoice
	require.NoError(t, json.Unmarshal(b, &decoded))
	require.Equal(t, inv, decoded)
}
