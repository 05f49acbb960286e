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

// install fetches, once for each pinned list, what the stack needs.
func (s *stack) install(ctx context.Context) error {
	release, err := s.onlyInstaller()
	if err != nil {
		return err
	}
	defer release()
	if err := s.bed.install(ctx, s); err != nil {
		return err
	}
	modules := filepath.Join(s.root, "node_modules", ".installed")
	return once(modules, filepath.Join(s.root, "package-lock.json"), func() error {
		return command(ctx, s.root, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	})
}

// onlyInstaller waits for another stack of this checkout that installs or builds.
func (s *stack) onlyInstaller() (release func(), err error) {
	if err := os.MkdirAll(s.cache, 0o750); err != nil {
		return nil, err
	}
	return lock(filepath.Join(s.cache, "lock"), syscall.LOCK_EX)
}

// once does what it is given unless it did so before for the same list.
func once(stamp, list string, do func() error) error {
	content, err := os.ReadFile(list)
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

// build makes every function's binary for this machine, the collector, and the proxy if
// there is to be one.
func (s *stack) build(ctx context.Context) error {
	err := errors.Join(s.buildFor(ctx, runtime.GOARCH), s.buildCollector(ctx))
	if s.faults {
		err = errors.Join(err, s.buildFaults(ctx))
	}
	return err
}

// buildFor makes every function's binary, in dist/ARCH, two at a time.
func (s *stack) buildFor(ctx context.Context, arch string) error {
	release, err := s.onlyInstaller()
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
			errs <- s.buildOne(ctx, arch, filepath.Base(filepath.Dir(main)))
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

// buildOne leaves out the commit: only a changed function gets another binary, and
// so is deployed again.
func (s *stack) buildOne(ctx context.Context, arch, name string) error {
	out := filepath.Join(s.root, "dist", arch, name, "bootstrap")
	return command(ctx, s.root, []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + arch}, "go", "build", "-tags", "lambda.norpc",
		"-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./functions/"+name)
}
