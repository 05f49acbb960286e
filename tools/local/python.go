package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// pythonRequirements returns the requirements of an emulator that is pinned for a version
// of Python such as 3.11.
func pythonRequirements(want string) []requirement {
	exactly := func(major, minor int) bool { return fmt.Sprintf("%d.%d", major, minor) == want }
	return []requirement{
		{
			python(want),
			[]string{"--version"},
			exactly,
			"Python " + want + " exactly, which the emulator is pinned for (apt install python" + want +
				", or pyenv install " + want + ")",
		},
		{
			python(want),
			[]string{"-c", "import ensurepip, venv"},
			anyVersion,
			"Python's venv (apt install python" + want + "-venv)",
		},
	}
}

// python returns an interpreter of a version, from the PATH or from pyenv. If there is
// none, it returns the name that such an interpreter usually has.
func python(want string) string {
	names := []string{"python" + want, "python3"}
	if prefix, err := exec.Command("pyenv", "prefix", want).Output(); err == nil { //nolint:noctx // returns at once
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

// installVenv installs a list of pinned packages into a virtual environment in the cache,
// unless that list is installed already.
func (s *stack) installVenv(ctx context.Context, name, version, list string) error {
	folder := filepath.Join(s.cache, name)
	list = filepath.Join(s.root, filepath.FromSlash(list))
	return installOnce(filepath.Join(folder, ".installed"), list, func() error {
		if err := command(ctx, s.root, nil, python(version), "-m", "venv", "--clear", folder); err != nil {
			return err
		}
		return command(ctx, s.root, nil, filepath.Join(folder, "bin", "pip"), "install", "--quiet",
			"--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", list)
	})
}

func (s *stack) venvPython(name string) string { return filepath.Join(s.cache, name, "bin", "python") }
