package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// emulator is an emulator of AWS that the stacks can be deployed to.
type emulator struct {
	name         string
	health       string // path that answers once the emulator is up
	requirements func() []requirement
	install      func(context.Context, *stack) error
	// maxConcurrent is how many requests the gateway passes on concurrently; more of them wait.
	// The emulator starts a process for each, and hundreds of them are no faster.
	maxConcurrent int
	// decodesPaths means that the functions get a request's path decoded, unlike on AWS.
	decodesPaths bool
	// forgetsObjectLock means that CloudFormation creates buckets without Object Lock.
	forgetsObjectLock bool
	// separateTables means that the functions use the tables of a DynamoDB Local that belongs
	// to the stack, instead of the emulator's.
	separateTables bool
	// enforcesIAM means that the emulator refuses what no policy allows, and lists it in
	// refusals.log.
	enforcesIAM bool
	// command runs the emulator in the foreground. It listens on the port, on loopback only.
	command func(s *stack, port int) (env, command []string)
	// cleanUp ends what may outlive the command; nil if nothing does.
	cleanUp func(*stack) error
}

// Values of the flag -emulator. localstack means its Docker image where a Docker engine
// runs, otherwise its Python package with our executor of functions.
const (
	onMiniStack        = "ministack"
	onMiniStackIAM     = "ministack-iam"
	onLocalStack       = "localstack"
	onLocalStackHost   = "localstack-host"
	onLocalStackDocker = "localstack-docker"
)

func pickEmulator(ctx context.Context, name string) (emulator, error) {
	if name == onLocalStack {
		name = onLocalStackHost
		if engineRuns(ctx) {
			name = onLocalStackDocker
		}
	}
	for _, e := range []emulator{miniStack(), miniStackIAM(), localStackHost(), localStackDocker()} {
		if e.name == name {
			return e, nil
		}
	}
	names := strings.Join([]string{onMiniStack, onMiniStackIAM, onLocalStack, onLocalStackHost, onLocalStackDocker}, ", ")
	return emulator{}, fmt.Errorf("there is no emulator %q; use one of %s", name, names)
}

// checkEmulator returns an error if a stack on another emulator runs in the same folder.
func (s *stack) checkEmulator() error {
	have, err := os.ReadFile(s.file("emulator.name"))
	if _, running := s.programs.Running("emulator"); !running || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && string(have) != s.emulator.name {
		err = fmt.Errorf("a stack on %s runs in %s: stop it first", have, s.dir)
	}
	return err
}

// cleanUp ends what the emulator that was last started here may have left behind.
func (s *stack) cleanUp(ctx context.Context) error {
	name, err := os.ReadFile(s.file("emulator.name"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := pickEmulator(ctx, string(name))
	if err != nil || e.cleanUp == nil {
		return err
	}
	return e.cleanUp(s)
}
