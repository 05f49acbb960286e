package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// install installs the emulator and the CDK CLI, unless their pinned versions are installed
// already.
func (s *stack) install(ctx context.Context) error {
	release, err := s.lockCache()
	if err != nil {
		return err
	}
	defer release()
	if err := s.emulator.install(ctx, s); err != nil {
		return err
	}
	modules := filepath.Join(s.root, "node_modules", ".installed")
	return installOnce(modules, filepath.Join(s.root, "package-lock.json"), func() error {
		return command(ctx, s.root, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	})
}

// lockCache waits until no other stack of this checkout installs or builds.
func (s *stack) lockCache() (release func(), err error) {
	if err := os.MkdirAll(s.cache, 0o750); err != nil {
		return nil, err
	}
	return lock(filepath.Join(s.cache, "lock"), syscall.LOCK_EX)
}

// installOnce calls install unless it succeeded before with the same content of list. The
// file stamp keeps the hash of that content.
func installOnce(stamp, list string, install func() error) error {
	content, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	want := hex.EncodeToString(sum[:])
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	if err := install(); err != nil {
		return err
	}
	return os.WriteFile(stamp, []byte(want), 0o600)
}

// build builds the functions for this machine and the programs that run with them.
func (s *stack) build(ctx context.Context) error {
	err := errors.Join(s.buildFunctions(ctx, runtime.GOARCH), s.buildProgram(ctx, "collector"))
	if s.faults {
		err = errors.Join(err, s.buildProgram(ctx, "faults"))
	}
	return err
}

// buildFunctions builds all functions into dist/ARCH, two of them concurrently.
func (s *stack) buildFunctions(ctx context.Context, arch string) error {
	release, err := s.lockCache()
	if err != nil {
		return err
	}
	defer release()
	mains, err := filepath.Glob(filepath.Join(s.root, "functions", "*", "main.go"))
	if err != nil {
		return err
	}
	errs := make(chan error, len(mains))
	slots := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for _, main := range mains {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs <- s.buildFunction(ctx, arch, filepath.Base(filepath.Dir(main)))
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

// buildFunction builds a function without the commit in the binary, so that only functions
// that changed get another binary and are deployed again.
func (s *stack) buildFunction(ctx context.Context, arch, name string) error {
	out := filepath.Join(s.root, "dist", arch, name, "bootstrap")
	env := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + arch}
	return command(ctx, s.root, env, "go", "build", "-tags", "lambda.norpc", "-trimpath",
		"-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./functions/"+name)
}
