package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/invochain/invochain/tools/process"
)

// requirement is a program that must be on the PATH.
type requirement struct {
	program string
	args    []string                    // make the program print its version
	enough  func(major, minor int) bool // reports whether a version suffices
	want    string                      // what to install, and from where
}

func requirements() []requirement {
	atLeast := func(want int) func(int, int) bool { return func(major, _ int) bool { return major >= want } }
	return []requirement{
		{
			"go",
			[]string{"version"},
			func(major, minor int) bool { return major == 1 && minor >= 26 },
			"Go 1.26 or later (https://go.dev/dl)",
		},
		{"node", []string{"--version"}, atLeast(20), "Node 20 or later (https://nodejs.org; the CDK CLI runs on it)"},
		{
			"javac",
			[]string{"-version"},
			atLeast(17),
			"a JDK, 17 or later (apt install openjdk-17-jdk-headless; DynamoDB Local runs on it)",
		},
		{"npm", []string{"--version"}, anyVersion, "npm, which comes with Node"},
	}
}

func anyVersion(int, int) bool { return true }

// check returns an error that names everything that up would miss.
func (s *stack) check(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the functions are Linux programs that the emulator starts as processes: "+
			"run this on Linux (on %s, in a virtual machine or container)", runtime.GOOS)
	}
	var missing []string
	for _, r := range append(requirements(), s.emulator.requirements()...) {
		out, err := exec.CommandContext(ctx, r.program, r.args...).CombinedOutput()
		if err != nil || !r.enough(version(out)) {
			command := r.program + " " + strings.Join(r.args, " ")
			missing = append(missing, fmt.Sprintf("%s\n    `%s` printed: %s", r.want, command, firstLine(out, err)))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("please install\n  %s", strings.Join(missing, "\n  "))
	}
	return errors.Join(s.checkTables(), s.checkPort(ctx))
}

// version returns the first version number in a program's output; 0, 0 if there is none.
func version(out []byte) (major, minor int) {
	m := regexp.MustCompile(`(\d+)\.(\d+)`).FindSubmatch(out)
	if m == nil {
		return 0, 0
	}
	major, _ = strconv.Atoi(string(m[1]))
	minor, _ = strconv.Atoi(string(m[2]))
	return major, minor
}

func firstLine(out []byte, err error) string {
	if line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n")); len(line) > 0 {
		return string(line)
	}
	return fmt.Sprint(err)
}

// checkPort returns an error if the gateway's port is in use, except by our own gateway.
func (s *stack) checkPort(ctx context.Context) error {
	if _, running := s.programs.Running("gateway"); running && s.programs.Port("gateway") == strconv.Itoa(s.port) {
		return nil
	}
	if _, err := process.FreePort(ctx, s.port); err != nil {
		return fmt.Errorf("%w (make up PORT=…)", err)
	}
	return nil
}
