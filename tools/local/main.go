// Command local runs the whole system on this machine: an embedded emulator, the
// stacks deployed to it, and a front at a fixed address.
//
//	local up      build, start, deploy, seed; again after a change
//	local check   say what up would miss
//	local status  what runs, and where
//	local logs    follow the functions' logs; a name as argument picks one function
//	local down    stop what up started; the data, kept in memory, goes with it
//	local build   the functions alone; for another machine with its name: arm64
//
// Flags, before or behind the command: -dir where state is kept (.local), -port of
// the front (3002; 0 for any free one), -bed to deploy to (ministack; localstack,
// see docs/emulators.md), -sample the share of the traces that are kept (1), -faults to
// have what functions ask of AWS go through a proxy that can have it fail (tools/faults;
// see docs/chaos.md). A second stack in a folder of its own runs
// beside the first; DIR/stack.env says where to find it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\n✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

var errUsage = errors.New("usage: local up | check | status | logs [FUNCTION] | down | build [ARCH] [-dir DIR] [-port PORT] [-bed BED] [-sample SHARE] [-faults]")

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	dir := flags.String("dir", ".local", "folder of the stack's state")
	port := flags.Int("port", 3002, "port of the front; 0 for any free one")
	sample := flags.Float64("sample", 1, "share of the traces that are kept, 0 to 1")
	name := flags.String("bed", onMiniStack, "emulator to deploy to: ministack, localstack")
	faults := flags.Bool("faults", false, "put the proxy that makes calls fail before the emulator")
	if err := flags.Parse(args); err != nil || flags.NArg() == 0 {
		return errUsage
	}
	command := flags.Arg(0)
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return errUsage
	}
	b, err := pickBed(ctx, *name)
	if err != nil {
		return err
	}
	s, err := open(*dir, *port, b)
	if err != nil {
		return err
	}
	s.sample, s.faults = *sample, *faults
	return s.do(ctx, command, flags.Args())
}

func (s *stack) do(ctx context.Context, command string, args []string) error {
	switch command {
	case "up":
		return s.alone(func() error { return s.up(ctx) })
	case "down":
		return s.alone(func() error { return s.down(ctx) })
	case "check":
		return s.check(ctx)
	case "status":
		return s.status(ctx)
	case "logs":
		return s.logs(ctx, args)
	case "build":
		return s.buildFor(ctx, slices.Concat(args, []string{runtime.GOARCH})[0])
	case "front":
		return s.serveFront(ctx, args)
	default:
		return errUsage
	}
}
