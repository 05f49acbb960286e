package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"github.com/invochain/invochain/tests/security/control"
)

// runAll runs the tests of the controls, one package after the other, and returns those that
// passed.
func runAll(ctx context.Context, controls []control.Control) (map[control.Test]bool, error) {
	names := map[string][]string{} // by package
	for _, c := range controls {
		for _, t := range c.Tests {
			names[t.Package] = append(names[t.Package], t.Name)
		}
	}
	passed := map[control.Test]bool{}
	for _, folder := range slices.Sorted(maps.Keys(names)) {
		out, err := run(ctx, folder, names[folder])
		if err != nil {
			return nil, err
		}
		for _, name := range passedIn(out) {
			passed[control.Test{Package: folder, Name: name}] = true
		}
	}
	return passed, nil
}

// Addresses of the running stack, and of the one whose emulator enforces IAM policies.
const (
	addresses    = ".local/stack.env"
	iamAddresses = ".local/iam/stack.env"
)

// run returns the events of `go test -json`. A test that fails is no error.
func run(ctx context.Context, folder string, names []string) ([]byte, error) {
	pattern := "^(" + strings.Join(names, "|") + ")$"
	file := addresses
	if folder == control.IAM {
		file = iamAddresses
	}
	test := exec.CommandContext(ctx, "sh", "-ec", `set -a; . "./$0"; exec go test "$@"`, file,
		"-tags", "integration", "-count=1", "-json", "-run", pattern, folder)
	out, err := test.Output()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		return nil, fmt.Errorf("run the tests of %s: %w", folder, err)
	}
	return out, nil
}

// passedIn returns the names of the tests that passed. A skipped test has not.
func passedIn(events []byte) []string {
	var names []string
	lines := bufio.NewScanner(bytes.NewReader(events))
	lines.Buffer(nil, len(events)+1)
	for lines.Scan() {
		var e struct{ Action, Test string }
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Action == "pass" && e.Test != "" {
			names = append(names, e.Test)
		}
	}
	return names
}
