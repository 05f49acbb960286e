// Package control lists the security controls and the tests that prove them.
package control

import (
	"fmt"
	"strings"
)

// Test is a test function of a package.
type Test struct {
	Package string // its folder, as `go test` takes it
	Name    string
}

// Control is one of the 18 security controls.
type Control struct {
	Number   int
	Name     string
	Standard string // requirements of OWASP ASVS 5 and the API Security Top 10, rules of cdk-nag, articles of laws
	Tests    []Test
	Coming   string // what is not built yet; empty when Tests prove the control
}

// Table returns the controls as a Markdown table.
func Table() string {
	var b strings.Builder
	b.WriteString("| # | control | standard | proved by | status |\n|---|---|---|---|---|\n")
	for _, c := range All() {
		status := "built"
		if c.Coming != "" {
			status = "coming: " + c.Coming
		}
		names := make([]string, len(c.Tests))
		for i, t := range c.Tests {
			names[i] = "`" + t.Name + "`"
		}
		if len(names) == 0 {
			names = []string{"–"}
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", c.Number, c.Name, c.Standard, strings.Join(names, ", "), status)
	}
	return b.String()
}

// in returns tests of one package.
func in(folder string, names ...string) []Test {
	tests := make([]Test, len(names))
	for i, name := range names {
		tests[i] = Test{Package: folder, Name: name}
	}
	return tests
}
