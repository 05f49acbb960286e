// Package domain knows what a GST (India) invoice is: its request, its amounts in
// integer paise, its GSTINs and numbers, its tax, and what makes it ready for the
// portal. It uses the standard library alone and calls nothing.
//
// Rules cite their source: "CGST Act s.14" is a section of the Central Goods and
// Services Tax Act 2017, "rule 46" one of the CGST Rules 2017, "INV-01" the
// e-invoice schema notified under rule 48(4).
package domain
