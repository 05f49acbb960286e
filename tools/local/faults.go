package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// The proxy stands between the functions and both, the emulator and its tables, so what
// functions ask can be made to fail; what the emulator does by itself, as AWS would,
// cannot: its pollers, its state machine, its bus.

func (s *stack) faultsProgram() string { return filepath.Join(s.cache, "bin", "faults") }

func (s *stack) faultsAt() string { return "http://127.0.0.1:" + s.savedPort("faults") }

// sameFaults refuses to put the proxy before an emulator that runs: its functions have
// been told where to find it.
func (s *stack) sameFaults() error {
	_, emulator := s.running("emulator")
	_, faults := s.running("faults")
	switch {
	case s.faults && !s.bed.tablesBeside:
		return fmt.Errorf("-faults is for the bed %s", onMiniStack)
	case s.faults && emulator && !faults:
		return errors.New("a stack without the proxy of -faults runs in " + s.dir + ": stop it first")
	}
	return nil
}

func (s *stack) buildFaults(ctx context.Context) error {
	release, err := s.onlyInstaller()
	if err != nil {
		return err
	}
	defer release()
	return command(ctx, s.root, nil, "go", "build", "-o", s.faultsProgram(), "./tools/faults")
}

// startFaults puts the proxy before an emulator that will listen on a port.
func (s *stack) startFaults(ctx context.Context, emulator int) error {
	port, err := freePort(ctx, 0)
	if err != nil {
		return err
	}
	err = s.start(ctx, "faults", port, nil, s.faultsProgram(), "-addr", fmt.Sprintf("127.0.0.1:%d", port),
		"-emulator", fmt.Sprintf("http://127.0.0.1:%d", emulator), "-tables", s.tablesEndpoint())
	if err != nil {
		return err
	}
	return s.awaitUp(ctx, "faults", s.faultsAt()+"/_faults")
}
