package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/invochain/invochain/tools/process"
)

// The faults proxy stands between the functions and both the emulator and the tables, so
// that it can fail the calls of functions. It does not see what the emulator does by itself
// in place of AWS: its pollers, its state machine and its bus.

func (s *stack) faultsProgram() string { return filepath.Join(s.cache, "bin", "faults") }

func (s *stack) faultsURL() string { return "http://127.0.0.1:" + s.programs.Port("faults") }

// checkFaults returns an error if the proxy is wanted and the emulator runs without it: the
// functions already have the emulator's address.
func (s *stack) checkFaults() error {
	_, emulator := s.programs.Running("emulator")
	_, faults := s.programs.Running("faults")
	switch {
	case s.faults && !s.emulator.separateTables:
		return fmt.Errorf("-faults requires the emulator %s", onMiniStack)
	case s.faults && emulator && !faults:
		return errors.New("a stack without -faults runs in " + s.dir + ": stop it first")
	}
	return nil
}

// startFaults starts the proxy for an emulator that will listen on a port.
func (s *stack) startFaults(ctx context.Context, emulatorPort int) error {
	port, err := process.FreePort(ctx, 0)
	if err != nil {
		return err
	}
	err = s.start(ctx, process.Program{Name: "faults", Port: port, Command: []string{
		s.faultsProgram(), "-addr", fmt.Sprintf("127.0.0.1:%d", port),
		"-emulator", localURL(emulatorPort), "-tables", s.tablesURL(), "-hold", s.hold.String(),
	}})
	if err != nil {
		return err
	}
	return s.awaitAnswer(ctx, "faults", s.faultsURL()+"/_faults")
}
