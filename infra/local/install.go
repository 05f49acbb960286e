package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// checkTools says everything that is missing at once.
func (s *stack) checkTools(ctx context.Context) error {
	var missing []string
	for _, t := range []struct{ program, args, want, what string }{
		{"go", "version", "go1.26", "Go 1.26"},
		{python(), "--version", "Python 3.11", "Python 3.11 (for the emulator)"},
		{"node", "--version", "v2", "Node 20 or later (for the CDK CLI)"},
		{"npm", "--version", "", "npm, which comes with Node"},
	} {
		out, err := exec.CommandContext(ctx, t.program, t.args).CombinedOutput()
		if err != nil || !strings.Contains(string(out), t.want) {
			missing = append(missing, fmt.Sprintf("%s is needed; `%s %s` says: %s", t.what, t.program, t.args, firstLine(out, err)))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("please install\n  %s", strings.Join(missing, "\n  "))
	}
	return nil
}

func firstLine(out []byte, err error) string {
	if line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n")); len(line) > 0 {
		return string(line)
	}
	return fmt.Sprint(err)
}

// python is the interpreter with the version that the emulator is pinned for.
func python() string {
	if path, err := exec.LookPath("python3.11"); err == nil {
		return path
	}
	return "python3"
}

// install fetches, once for each pinned list, what the stack needs.
func (s *stack) install(ctx context.Context) error {
	venv := filepath.Join(s.cache, "ministack")
	requirements := filepath.Join("infra", "local", "requirements.txt")
	err := s.once(filepath.Join(venv, ".installed"), requirements, func() error {
		if err := command(ctx, s.root, nil, python(), "-m", "venv", "--clear", venv); err != nil {
			return err
		}
		return command(ctx, s.root, nil, filepath.Join(venv, "bin", "pip"), "install", "--quiet",
			"--disable-pip-version-check", "--no-deps", "-r", requirements)
	})
	if err != nil {
		return err
	}
	return s.once(filepath.Join("node_modules", ".installed"), "package-lock.json", func() error {
		return command(ctx, s.root, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	})
}

// once does what it is given unless it did so before for the same list.
func (s *stack) once(stamp, list string, do func() error) error {
	content, err := os.ReadFile(filepath.Join(s.root, list))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	want := hex.EncodeToString(sum[:])
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	return os.WriteFile(stamp, []byte(want), 0o600)
}

// build makes every function's binary for this machine, two at a time.
func (s *stack) build(ctx context.Context) error {
	functions, err := filepath.Glob(filepath.Join(s.root, "functions", "*"))
	if err != nil {
		return err
	}
	errs := make(chan error, len(functions))
	slots := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for _, f := range functions {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs <- s.buildOne(ctx, filepath.Base(f))
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *stack) buildOne(ctx context.Context, name string) error {
	out := filepath.Join(s.root, "dist", runtime.GOARCH, name, "bootstrap")
	return command(ctx, s.root, []string{"CGO_ENABLED=0", "GOOS=linux"}, "go", "build", "-tags", "lambda.norpc",
		"-trimpath", "-ldflags", "-s -w", "-o", out, "./functions/"+name)
}
