// Command mutants removes one guard at a time and expects its tests to fail: a test that
// cannot fail proves nothing. It compiles each mutant from an overlay and does not change
// the working tree.
//
//	make mutants            all mutants
//	make mutants M=fence    mutants whose guard contains "fence"
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutant is the removal of one guard.
type mutant struct {
	guard    string // what the code guarantees
	file     string
	old, new string // old occurs exactly once in file
	pkg, run string // package and -run pattern of the tests that must fail
}

func main() {
	wanted := ""
	if len(os.Args) > 1 {
		wanted = os.Args[1]
	}
	survived, err := runAll(context.Background(), wanted)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	if survived > 0 {
		fmt.Printf("\n%d mutants survived: no test covers their guard\n", survived)
		os.Exit(1)
	}
}

// runAll runs the mutants whose guard contains wanted and counts those that no test kills.
func runAll(ctx context.Context, wanted string) (survived int, err error) {
	fmt.Println("| guard removed | failing tests |")
	fmt.Println("|---|---|")
	for _, m := range mutants() {
		if !strings.Contains(m.guard, wanted) {
			continue
		}
		failing, err := m.kill(ctx)
		if err != nil {
			return survived, fmt.Errorf("%s: %w", m.guard, err)
		}
		if failing == "" {
			survived++
			failing = "**none**"
		}
		fmt.Printf("| %s | %s |\n", m.guard, failing)
	}
	return survived, nil
}

var (
	errNoGuard = errors.New("the file does not contain the guard's code exactly once")
	errBuild   = errors.New("the mutant does not compile")
)

// kill runs the tests against the mutant and returns the names of those that fail.
func (m mutant) kill(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	source, err := m.source()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	mutated := filepath.Join(dir, "mutated.go")
	if err := os.WriteFile(mutated, []byte(source), 0o600); err != nil {
		return "", err
	}
	overlay, err := m.overlay(dir, mutated)
	if err != nil {
		return "", err
	}
	test := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-count=1", "-run", m.run, m.pkg)
	out, err := test.CombinedOutput()
	if err == nil {
		return "", nil
	}
	if strings.Contains(string(out), "[build failed]") {
		return "", fmt.Errorf("%w:\n%s", errBuild, out)
	}
	return failedTests(string(out)), nil
}

// source returns the file without the guard.
func (m mutant) source() (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if strings.Count(string(source), m.old) != 1 {
		return "", errNoGuard
	}
	return strings.Replace(string(source), m.old, m.new, 1), nil
}

// overlay writes an overlay for go test that replaces the file.
func (m mutant) overlay(dir, mutated string) (string, error) {
	path, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutated}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, b, 0o600)
}

// failedTests lists the top-level tests that failed according to go test's output.
func failedTests(out string) string {
	var names []string
	for line := range strings.Lines(out) {
		if name, found := strings.CutPrefix(line, "--- FAIL: "); found {
			name, _, _ = strings.Cut(name, " ")
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "a panic or a timeout"
	}
	return strings.Join(names, ", ")
}
