package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// bed is an emulator that the stacks can be deployed to.
type bed struct {
	name    string
	health  string // path that answers once it is up
	needs   func() []requirement
	install func(context.Context, *stack) error
	// most is how many requests the front passes on at a time, the others wait: it answers
	// no more a second with hundreds at work, for each of which it starts a process.
	most int
	// tablesBeside: its functions use tables in a DynamoDB Local of the stack's own.
	tablesBeside bool
	// program runs in the foreground and listens on the port, on loopback only.
	program func(s *stack, port int) (env []string, program string, args []string)
	// sweep ends what may outlive the program; nil if nothing does.
	sweep func(*stack) error
}

// The names that -bed takes. localstack is its image where a Docker engine runs, and
// else its Python package with our executor of functions.
const (
	onMiniStack        = "ministack"
	onLocalStack       = "localstack"
	onLocalStackHost   = "localstack-host"
	onLocalStackDocker = "localstack-docker"
)

func pickBed(ctx context.Context, name string) (bed, error) {
	if name == onLocalStack {
		name = onLocalStackHost
		if engineRuns(ctx) {
			name = onLocalStackDocker
		}
	}
	for _, b := range []bed{miniStack(), localStackHost(), localStackDocker()} {
		if b.name == name {
			return b, nil
		}
	}
	return bed{}, fmt.Errorf("there is no bed %q: %s", name, strings.Join([]string{onMiniStack, onLocalStack, onLocalStackHost, onLocalStackDocker}, ", "))
}

func miniStack() bed {
	const list = "tools/local/requirements.txt"
	return bed{
		name: onMiniStack, health: "/_ministack/health", most: 24, tablesBeside: true,
		needs:   func() []requirement { return pythonNeeds("3.11") },
		install: func(ctx context.Context, s *stack) error { return s.venv(ctx, onMiniStack, "3.11", list) },
		program: func(s *stack, port int) ([]string, string, []string) {
			return s.miniStackSettings(port), s.venvPython(onMiniStack), []string{filepath.Join(s.root, "infra", "local", "launch.py")}
		},
	}
}

// venv installs a pinned list, once, into a Python environment of its own.
func (s *stack) venv(ctx context.Context, name, version, list string) error {
	folder := filepath.Join(s.cache, name)
	list = filepath.Join(s.root, filepath.FromSlash(list))
	return once(filepath.Join(folder, ".installed"), list, func() error {
		if err := command(ctx, s.root, nil, python(version), "-m", "venv", "--clear", folder); err != nil {
			return err
		}
		return command(ctx, s.root, nil, filepath.Join(folder, "bin", "pip"), "install", "--quiet",
			"--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", list)
	})
}

func (s *stack) venvPython(name string) string {
	return filepath.Join(s.cache, name, "bin", "python")
}

// sameBed refuses to bring up a stack in the place of another bed's that runs.
func (s *stack) sameBed() error {
	have, err := os.ReadFile(s.file("bed"))
	if _, running := s.running("emulator"); !running || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && string(have) != s.bed.name {
		err = fmt.Errorf("a stack on %s runs in %s: stop it first", have, s.dir)
	}
	return err
}

// sweep ends what the bed that was last started here may have left.
func (s *stack) sweep(ctx context.Context) error {
	name, err := os.ReadFile(s.file("bed"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := pickBed(ctx, string(name))
	if err != nil || b.sweep == nil {
		return err
	}
	return b.sweep(s)
}
