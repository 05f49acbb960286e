package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// down stops the programs of the stack, and with the emulator the functions that it
// started. The logs stay.
func (s *stack) down(ctx context.Context) error {
	for _, name := range s.programNames() {
		stopped, err := s.programs.Stop(ctx, name)
		if err != nil {
			return fmt.Errorf("stop the %s: %w", name, err)
		}
		if stopped {
			fmt.Printf("%s stopped\n", name)
		} else {
			fmt.Printf("%s was not running\n", name)
		}
	}
	return errors.Join(s.cleanUp(ctx), s.removeState())
}

// programNames returns the programs in the order in which down stops them.
func (s *stack) programNames() []string {
	names := []string{"gateway", "collector", "emulator", "tables"}
	if _, err := os.Stat(s.file("faults.pid")); err == nil {
		names = append(names, "faults")
	}
	return names
}

// removeState removes the state that belongs to one run of the emulator.
func (s *stack) removeState() error {
	var errs []error
	for _, name := range []string{"bootstrapped", "emulator.name", "stack.env", "outputs.json", clientsFile, "emulator"} {
		errs = append(errs, os.RemoveAll(s.file(name)))
	}
	return errors.Join(errs...)
}
