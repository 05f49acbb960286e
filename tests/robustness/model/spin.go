package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed saga.pml
var model []byte

// checker has Spin generate a program for each search, and compiles and runs it.
type checker struct {
	spin string
}

// verdict is the result of one search.
type verdict struct {
	states int
	took   time.Duration
	broken string // the broken property; empty if all held
	trace  string // events of the counter-example
}

var (
	stored        = regexp.MustCompile(`(?m)^ *(\d+) states, stored`)
	violated      = regexp.MustCompile(`assertion violated (\S+)`)
	event         = regexp.MustCompile(`(?m)^ *((?:call \d|inventory|machine|recovery|settle|network): .*)$`)
	errIncomplete = errors.New("the search is incomplete")
)

func (s search) defines() []string {
	d := []string{
		fmt.Sprintf("-DCALLS=%d", s.calls), fmt.Sprintf("-DTROUBLE=%d", s.faults),
		fmt.Sprintf("-DLATE=%d", s.late), fmt.Sprintf("-DUNITS=%d", s.units),
	}
	if s.guard != "" {
		d = append(d, "-D"+s.guard)
	}
	return d
}

func (c checker) check(ctx context.Context, s search) (verdict, error) {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		return verdict{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "saga.pml"), model, 0o600); err != nil {
		return verdict{}, err
	}
	compile := []string{"-w", "-O2", "-DSAFETY", "-DMEMLIM=2000", "-o", "pan", "pan.c"}
	if s.guard == "" {
		compile = append(compile, "-DCOLLAPSE") // less memory
	} else {
		compile = append(compile, "-DBFS") // the shortest counter-example
	}
	if _, err := run(ctx, dir, c.spin, append(s.defines(), "-a", "saga.pml")...); err != nil {
		return verdict{}, err
	}
	if _, err := run(ctx, dir, "cc", compile...); err != nil {
		return verdict{}, err
	}
	began := time.Now()
	out, err := run(ctx, dir, "./pan", "-n", "-m100000")
	if err != nil {
		return verdict{}, err
	}
	return c.judge(ctx, dir, s, out, time.Since(began))
}

// judge reads Spin's report and returns an error if the search was not exhaustive.
func (c checker) judge(ctx context.Context, dir string, s search, out string, took time.Duration) (verdict, error) {
	v := verdict{took: took}
	count := stored.FindStringSubmatch(out)
	if count == nil || strings.Contains(out, "reached -DMEMLIM") || strings.Contains(out, "depth too small") {
		return v, fmt.Errorf("%w:\n%s", errIncomplete, out)
	}
	v.states, _ = strconv.Atoi(count[1]) // the pattern matches digits only
	if strings.Contains(out, "errors: 0") {
		return v, nil
	}
	property := violated.FindStringSubmatch(out)
	if property == nil {
		return v, fmt.Errorf("%w:\n%s", errIncomplete, out)
	}
	v.broken = property[1]
	replay, err := run(ctx, dir, c.spin, append(s.defines(), "-T", "-t", "saga.pml")...)
	if err != nil {
		return v, err
	}
	for _, e := range event.FindAllStringSubmatch(replay, -1) {
		v.trace += "    " + e[1] + "\n"
	}
	return v, nil
}

func run(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return string(out), err
}
