// Package gst holds the rules of a GST (India) invoice as pure functions: its request,
// GSTINs and numbers, its tax, and the findings that keep it from being filed.
//
// Rules cite their source: "CGST Act s.14" is a section of the Central Goods and
// Services Tax Act 2017, "rule 46" one of the CGST Rules 2017, "INV-01" the
// e-invoice schema notified under rule 48(4).
package gst
