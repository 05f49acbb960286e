package main

import (
	"fmt"
	"strings"
	"time"
)

// table returns what a run has shown.
func (c *cell) table(r run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s, %.0f invoices/s | asked/s | served/s | p95 ms | breaks after s |\n|---|---|---|---|---|\n",
		c.name, r.rate)
	for _, k := range c.components {
		seconds := r.measured.Seconds()
		breaks := "–"
		if k.broke > 0 {
			breaks = fmt.Sprintf("%.1f", k.broke.Seconds())
		}
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %s | %s |\n", k.name, float64(k.asked)/seconds,
			float64(k.served)/seconds, milliseconds(k.p95()), breaks)
	}
	fmt.Fprintf(&b, "\n%s\n\n", c.verdict())
	return b.String()
}

// verdict names the component that breaks first, of those that are not settings or results.
func (c *cell) verdict() string {
	var first *component
	for _, k := range c.components {
		if k.broke > 0 && !k.set && k != c.door && (first == nil || k.broke < first.broke) {
			first = k
		}
	}
	if first == nil {
		return "Nothing breaks."
	}
	return "First to break: " + first.name + "."
}

func milliseconds(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(d)/float64(time.Millisecond))
}
