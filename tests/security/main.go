// Command security runs the tests of the security controls and prints each control with PASS,
// FAIL or coming. A control of which a part is coming never passes. It needs a running stack.
//
//	make security                  run the tests
//	go run ./tests/security table  print the table of docs/security.md
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/invochain/invochain/tests/security/control"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "table" {
		fmt.Print(control.Table())
		return
	}
	passed, err := runAll(context.Background(), control.All())
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	failed := false
	for _, c := range control.All() {
		word, detail := verdict(c, passed)
		fmt.Printf("%-6s  %2d  %s%s\n", word, c.Number, c.Name, detail)
		failed = failed || word == "FAIL"
	}
	if failed {
		os.Exit(1)
	}
}

// verdict returns PASS, FAIL or coming for a control, and what failed or is coming. A test that
// did not run has failed.
func verdict(c control.Control, passed map[control.Test]bool) (word, detail string) {
	for _, t := range c.Tests {
		if !passed[t] {
			return "FAIL", ": " + t.Name + " of " + t.Package
		}
	}
	if c.Coming != "" {
		return "coming", ": " + c.Coming
	}
	if len(c.Tests) == 0 {
		return "FAIL", ": no test"
	}
	return "PASS", ""
}
