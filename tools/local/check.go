package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// requirement is a program that must be on the PATH, and from where to have it.
type requirement struct {
	program string
	args    []string
	enough  func(major, minor int) bool
	want    string
}

func requirements() []requirement {
	whichever := func(int, int) bool { return true }
	return []requirement{
		{"go", []string{"version"}, func(major, minor int) bool { return major == 1 && minor >= 26 }, "Go 1.26 or later (https://go.dev/dl)"},
		{"node", []string{"--version"}, func(major, _ int) bool { return major >= 20 }, "Node 20 or later (https://nodejs.org; the CDK CLI runs on it)"},
		{"javac", []string{"-version"}, func(major, _ int) bool { return major >= 17 }, "a JDK, 17 or later (apt install openjdk-17-jdk-headless; DynamoDB Local runs on it)"},
		{"npm", []string{"--version"}, whichever, "npm, which comes with Node"},
	}
}

// pythonNeeds are those of an emulator that is pinned for a version, such as 3.11.
func pythonNeeds(want string) []requirement {
	exactly := func(major, minor int) bool { return fmt.Sprintf("%d.%d", major, minor) == want }
	return []requirement{
		{python(want), []string{"--version"}, exactly, "Python " + want + ", exactly (the emulator is pinned for it; apt install python" + want + ", or pyenv install " + want + ")"},
		{python(want), []string{"-c", "import ensurepip, venv"}, func(int, int) bool { return true }, "Python's venv (apt install python" + want + "-venv)"},
	}
}

// python is an interpreter of that version, on the PATH or one of pyenv's, or else
// the name that it should have.
func python(want string) string {
	names := []string{"python" + want, "python3"}
	if prefix, err := exec.Command("pyenv", "prefix", want).Output(); err == nil { //nolint:noctx // answers at once
		names = append(names, filepath.Join(strings.TrimSpace(string(prefix)), "bin", "python"))
	}
	for _, name := range names {
		out, err := exec.Command(name, "--version").Output() //nolint:noctx // likewise
		if major, minor := version(out); err == nil && fmt.Sprintf("%d.%d", major, minor) == want {
			return name
		}
	}
	return names[0]
}

// check says everything that is missing at once, before anything takes time.
func (s *stack) check(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the functions are Linux programs and the emulator starts them as they are: run this on Linux (on %s, in a virtual machine or container)", runtime.GOOS)
	}
	var missing []string
	for _, r := range append(requirements(), s.bed.needs()...) {
		out, err := exec.CommandContext(ctx, r.program, r.args...).CombinedOutput()
		if err != nil || !r.enough(version(out)) {
			missing = append(missing, fmt.Sprintf("%s\n    `%s %s` says: %s", r.want, r.program, strings.Join(r.args, " "), firstLine(out, err)))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("please install\n  %s", strings.Join(missing, "\n  "))
	}
	return errors.Join(s.checkTables(), s.checkPort(ctx))
}

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

// checkPort wants the front's port to be free or held by our own front.
func (s *stack) checkPort(ctx context.Context) error {
	if _, running := s.running("front"); running && s.savedPort("front") == strconv.Itoa(s.port) {
		return nil
	}
	_, err := freePort(ctx, s.port)
	return err
}

// freePort is want if nobody listens there on a loopback address; for 0, any other.
func freePort(ctx context.Context, want int) (int, error) {
	listeners, port, err := listenLoopback(ctx, want)
	if err != nil {
		return 0, err
	}
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return port, err
}

// listenLoopback listens on both loopback addresses: localhost may be either.
func listenLoopback(ctx context.Context, want int) ([]net.Listener, int, error) {
	var lc net.ListenConfig
	l4, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(want)))
	if err != nil {
		return nil, 0, portTaken(want, err)
	}
	_, port, _ := net.SplitHostPort(l4.Addr().String())
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, 0, errors.Join(err, l4.Close())
	}
	l6, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", port))
	switch {
	case err == nil:
		return []net.Listener{l4, l6}, number, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, 0, errors.Join(portTaken(number, err), l4.Close())
	default: // a machine without IPv6
		return []net.Listener{l4}, number, nil
	}
}

func portTaken(port int, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	return fmt.Errorf("port %d is taken by another program (`ss -ltnp` shows which): stop it, or choose another with make up PORT=…, 0 for any", port)
}
