package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/invochain/invochain/tools/process"
)

const (
	region       = "ap-south-1"
	emulatorPort = 4566            // preferred; another one if it is in use
	startTimeout = 2 * time.Minute // until a program answers, on a busy machine
)

func (s *stack) emulatorURL() string { return "http://127.0.0.1:" + s.programs.Port("emulator") }

// awsEnv returns the environment of a program that calls the emulator. The emulator accepts
// any credentials.
func (s *stack) awsEnv() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.emulatorURL(), "AWS_ENDPOINT_URL_S3=" + s.emulatorURL(), tablesVariable + "=" + s.tablesURL(),
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
}

// startEmulator starts the emulator and the tables, or leaves them alone if both run:
// together they hold the data of the stack.
func (s *stack) startEmulator(ctx context.Context) error {
	if err := errors.Join(s.checkEmulator(), s.checkFaults()); err != nil {
		return err
	}
	_, emulator := s.programs.Running("emulator")
	if _, tables := s.programs.Running("tables"); !emulator || (s.emulator.separateTables && !tables) {
		if err := s.startFresh(ctx); err != nil {
			return err
		}
	}
	return s.awaitAnswer(ctx, "emulator", s.emulatorURL()+s.emulator.health)
}

// startFresh starts the emulator, the tables and the faults proxy without any state of an
// earlier run.
func (s *stack) startFresh(ctx context.Context) error {
	if err := s.removeEarlierRun(ctx); err != nil {
		return err
	}
	if s.emulator.separateTables {
		if err := s.startTables(ctx); err != nil {
			return err
		}
	}
	port, err := process.FreePort(ctx, emulatorPort)
	if err != nil {
		port, err = process.FreePort(ctx, 0)
	}
	if err != nil {
		return err
	}
	if err := os.Mkdir(s.file("emulator"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(s.file("emulator.name"), []byte(s.emulator.name), 0o600); err != nil {
		return err
	}
	if s.faults {
		if err := s.startFaults(ctx, port); err != nil {
			return err
		}
	}
	env, command := s.emulator.command(s, port)
	return s.start(ctx, process.Program{Name: "emulator", Port: port, Env: env, Command: command})
}

// removeEarlierRun stops what an earlier run may have left running and removes its state.
func (s *stack) removeEarlierRun(ctx context.Context) error {
	for _, name := range []string{"emulator", "tables", "faults"} {
		if _, err := s.programs.Stop(ctx, name); err != nil {
			return err
		}
	}
	return errors.Join(s.cleanUp(ctx), s.removeState(), os.RemoveAll(s.file("functions.log")),
		os.RemoveAll(s.file("refusals.log")))
}

func (s *stack) start(ctx context.Context, p process.Program) error {
	_, err := s.programs.Start(ctx, p)
	return err
}

func (s *stack) awaitAnswer(ctx context.Context, name, url string) error {
	return s.programs.AwaitAnswer(ctx, name, url, startTimeout)
}

// localURL returns the URL of a port on the loopback address.
func localURL(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
