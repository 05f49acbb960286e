package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/invochain/invochain/shared/operations"
)

// flags returns a set of flags that reports its errors to the caller alone.
func flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// argument is a value that a command needs, by the name of make's variable. The flag has the
// same name in lower case.
type argument struct{ name, value string }

// need returns an error that names the arguments that are missing, with an example.
func need(example string, all ...argument) error {
	var missing []string
	for _, a := range all {
		if strings.TrimSpace(a.value) == "" {
			missing = append(missing, a.name+"=")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("missing: %s; use %s", strings.Join(missing, " "), example)
}

// byEnvironment returns who runs a command, and why, as far as its variables OPERATOR and WHY say so.
func byEnvironment() operations.By {
	return operations.By{Operator: operator(os.Getenv("OPERATOR")), Why: os.Getenv("WHY")}
}

// operator returns who runs a command that changes something: name, else the login name.
func operator(name string) string { return cmp.Or(name, os.Getenv("USER")) }
