// Package gst holds the rules of GST (India) invoices as pure functions: it parses a
// request, computes the tax, and finds what keeps the invoice from being filed.
//
// Rules cite their source: "CGST Act s.14" is a section of the Central Goods and
// Services Tax Act 2017, "rule 46" one of the CGST Rules 2017, "INV-01" the
// e-invoice schema notified under rule 48(4).
package gst
