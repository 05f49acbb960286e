package gst_test

import (
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// The request that integrators already send: the policy advise issues the invoice with its
// findings, the policy strict refuses it.
func ExampleAssess() {
	req, err := gst.ParseRequest([]byte(`{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123",
		"buyer_gstin":"29AABCU9603R1ZN","invoice_date":"2025-11-26","due_date":"2025-12-26",
		"total_amount":15000,"items":[]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	seller := gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}
	inv, err := gst.Assess(req, seller, "")
	fmt.Println(inv.SupplyType, inv.PlaceOfSupply, inv.Totals.Total, err)
	for _, f := range inv.Compliance.Findings {
		fmt.Println(f.Code, f.Field, f.Blocks)
	}

	seller.Compliance = gst.Strict
	_, err = gst.Assess(req, seller, "")
	fmt.Println(errors.Is(err, &problem.Error{Code: "compliance_findings"}))
	// Output:
	// B2B 29 15000 <nil>
	// gstin_checksum buyer_gstin [GSTR-1 e-invoice]
	// buyer_name_missing buyer_name [e-invoice]
	// buyer_address_missing buyer_address [e-invoice]
	// no_items items [GSTR-1 e-invoice]
	// true
}

// Within one state CGST and SGST are equal on each line, and the total is rounded to the
// rupee.
func ExampleAssess_tax() {
	req, err := gst.ParseRequest([]byte(`{"series":"W","seller_merchant_id":"m","buyer_gstin":"27AAACI1681G1ZP",
		"buyer_name":"Sharma Stores","buyer_address":"12 Laxmi Road, Pune 411030","invoice_date":"2025-11-26","items":[
		{"sku":"TEA-1","hsn":"09024020","quantity":2.5,"unit":"KGS","unit_price":"410.125","gst_rate":5},
		{"hsn":"996511","is_service":true,"quantity":1,"unit_price":150,"gst_rate":18}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	inv, err := gst.Assess(req, gst.Seller{GSTIN: "27AABCU9603R1ZN"}, "")
	for _, l := range inv.Items {
		fmt.Println(l.TaxableValue, l.CGST, l.SGST, l.IGST, l.Total)
	}
	fmt.Println(inv.Totals.RoundOff, inv.Totals.Total, req.StockLines(), err)
	// Output:
	// 1025.31 25.63 25.63 0 1076.57
	// 150 13.5 13.5 0 177
	// 0.43 1254 [{TEA-1 2.5 [0]}] <nil>
}
