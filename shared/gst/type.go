package gst

import (
	"fmt"
	"slices"

	"github.com/invochain/invochain/shared/strictjson"
)

// Document types. Invoices and notes are those of INV-01.
const (
	TypeInvoice      = "INV"
	TypeCreditNote   = "CRN"
	TypeDebitNote    = "DBN"
	TypeBillOfSupply = "BOS" // of lines without tax (CGST Act s.31(3)(c))
	TypeInvoiceBill  = "ICB" // invoice-cum-bill of supply, to an unregistered buyer (rule 46A)
)

// DocumentTypes lists the document types, the default first.
func DocumentTypes() []string {
	return []string{TypeInvoice, TypeCreditNote, TypeDebitNote, TypeBillOfSupply, TypeInvoiceBill}
}

// IsNote reports whether a document type corrects another document. The others supply something.
func IsNote(kind string) bool { return kind == TypeCreditNote || kind == TypeDebitNote }

// checkType records the faults of a bill of supply whose lines or buyer ask for another document.
func checkType(r *strictjson.Reader, req Request) {
	switch req.DocumentType {
	case TypeBillOfSupply:
		for n, item := range req.Items {
			if item.taxable() {
				r.Fail(fmt.Sprintf("items[%d].nature", n), "taxable_on_bill_of_supply",
					"a bill of supply has lines without tax alone; issue an invoice for this line")
			}
		}
		for n, charge := range req.OtherCharges {
			if charge.GSTRate != 0 {
				r.Fail(fmt.Sprintf("other_charges[%d].gst_rate", n), "taxable_on_bill_of_supply",
					"a bill of supply has charges without tax alone; issue an invoice for this one")
			}
		}
	case TypeInvoiceBill:
		if supplyType(req) != B2C || req.BuyerGSTIN != "" {
			r.Fail("document_type", "buyer_registered",
				"an invoice-cum-bill of supply is for unregistered buyers; issue an invoice and a bill of supply")
			return
		}
		untaxed := func(item Item) bool { return !item.taxable() }
		if !slices.ContainsFunc(req.Items, Item.taxable) || !slices.ContainsFunc(req.Items, untaxed) {
			r.Fail("document_type", "supply_not_mixed",
				"an invoice-cum-bill of supply needs lines with tax and lines without; issue one of the two")
		}
	}
}

// typeFindings advises a bill of supply where each line names a nature without tax.
func typeFindings(r *report, i *Invoice) {
	taxed := func(l Line) bool { return !l.untaxed() }
	if i.DocumentType == TypeInvoice && len(i.Items) > 0 && i.Totals.tax() == 0 && !slices.ContainsFunc(i.Items, taxed) {
		r.add("bill_of_supply_expected", "document_type", "no line bears tax; issue a bill of supply, document_type BOS")
	}
}
