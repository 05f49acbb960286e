// Command cost prints what a million invoices cost on AWS: the counts of one invoice, which the tests of
// this package measure, times the list prices of docs/prices.json.
package main

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/docs"
)

func main() { fmt.Print(report()) }

// report returns the tables of docs/cost.md.
func report() string {
	list := docs.Prices()
	lines := bill(invoice(), list)
	var b strings.Builder
	fmt.Fprintf(&b, "| a million invoices, busy, %s | of one | $ |\n|---|---|---|\n", list.Region)
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %.4g %s | %.2f |\n", l.what, l.count, l.unit, l.dollars)
	}
	all, logs := total(lines)
	fmt.Fprintf(&b, "| **all** | budget: $%.0f | **%.2f** |\n", budget, all)
	fmt.Fprintf(&b, "| of it, logs: %.1f %% | budget: %.0f %% | %.2f |\n", 100*logs/all, 100*logsPart, logs)
	s := storage(invoice(), list)
	fmt.Fprintf(&b, "\n| a million invoices stored for a year | $ |\n|---|---|\n")
	fmt.Fprintf(&b, "| tables, %.1f KB an invoice | %.2f |\n", invoice().StoredBytes/1000, s.tables)
	fmt.Fprintf(&b, "| point-in-time recovery | %.2f |\n", s.recovery)
	fmt.Fprintf(&b, "| %d backups, each a full copy | %.2f |\n", backups, s.copies)
	return b.String()
}
