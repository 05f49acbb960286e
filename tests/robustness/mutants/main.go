// Command mutants removes each guard, one at a time, and expects a named test to go
// red: a test that cannot fail is a defect. The checkout is not touched; each mutant
// is compiled from an overlay.
//
//	make mutants            all of them
//	make mutants M=fence    those whose name holds "fence"
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

// mutant is a guard's removal.
type mutant struct {
	guard    string // what it protects from
	file     string
	old, new string // replaced once
	pkg, run string // the tests that must go red
}

func main() {
	wanted := ""
	if len(os.Args) > 1 {
		wanted = os.Args[1]
	}
	survived, err := all(context.Background(), wanted)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	if survived > 0 {
		fmt.Printf("\n%d guards are not tested\n", survived)
		os.Exit(1)
	}
}

func all(ctx context.Context, wanted string) (survived int, err error) {
	fmt.Println("| guard removed | went red |")
	fmt.Println("|---|---|")
	for _, m := range mutants() {
		if !strings.Contains(m.guard, wanted) {
			continue
		}
		red, err := m.kill(ctx)
		if err != nil {
			return survived, fmt.Errorf("%s: %w", m.guard, err)
		}
		if red == "" {
			survived++
			red = "**nothing**"
		}
		fmt.Printf("| %s | %s |\n", m.guard, red)
	}
	return survived, nil
}

var (
	errNotThere    = errors.New("the guard's code is not there any more")
	errDoesNotHold = errors.New("the mutant does not compile")
)

// kill runs the tests against the mutant, and names those that went red.
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
	out, err := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-count=1", "-run", m.run, m.pkg).CombinedOutput()
	if err == nil {
		return "", nil
	}
	if strings.Contains(string(out), "[build failed]") {
		return "", fmt.Errorf("%w:\n%s", errDoesNotHold, out)
	}
	return failed(string(out)), nil
}

// source is the file without the guard.
func (m mutant) source() (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if strings.Count(string(source), m.old) != 1 {
		return "", errNotThere
	}
	return strings.Replace(string(source), m.old, m.new, 1), nil
}

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

// failed lists the tests that a run's output calls failed, without their subtests.
func failed(out string) string {
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
