// Command local runs the whole system on this machine: an emulator of AWS, the stacks
// deployed to it, and a gateway at a fixed address.
//
//	local up      build, start, deploy and seed; run it again after a change
//	local check   list what is missing for up
//	local status  show which programs run and where they listen
//	local logs    show the functions' events since a minute ago (-since 5m), and follow; an
//	              argument selects one function
//	local token   print an access token of the demo merchant's admin; an argument selects another
//	              role: operator, clerk, accountant, auditor
//	local down    stop what up started and delete the data, which is in memory
//	local build   build the functions; an argument selects another architecture: arm64
//
// Flags, before or after the command:
//
//	-dir       folder of the stack's state (.local)
//	-port      port of the gateway (3002); 0 for any free one
//	-emulator  ministack, ministack-iam or localstack (ministack), see docs/emulators.md
//	-sample    share of the requests that are traced, 0 to 1 (1)
//	-faults    put a proxy between functions and AWS that can fail their calls, see docs/chaos.md
//	-hold      with -faults: how long a transaction holds its items against other writes, see docs/scale.md
//	-since     age of the oldest event that logs shows (1m)
//
// Stacks in different folders can run concurrently. DIR/stack.env contains the addresses and
// names of a stack.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\n✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // no deferred call is left
	}
}

var errUsage = errors.New("usage: local up | check | status | logs [FUNCTION] | token [ROLE] | down | build [ARCH] " +
	"[-dir DIR] [-port PORT] [-emulator NAME] [-sample SHARE] [-faults] [-hold TIME] [-since AGE]")

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	dir := flags.String("dir", ".local", "folder of the stack's state")
	port := flags.Int("port", 3002, "port of the gateway; 0 for any free one")
	sample := flags.Float64("sample", 1, "share of the requests that are traced, 0 to 1")
	name := flags.String("emulator", onMiniStack, "emulator to deploy to: ministack, ministack-iam, localstack")
	faults := flags.Bool("faults", false, "put a proxy between functions and AWS that can fail their calls")
	hold := flags.Duration("hold", 0, "with -faults: how long a transaction holds its items against other writes")
	since := flags.Duration("since", time.Minute, "age of the oldest event that logs shows")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w; %w", err, errUsage)
	}
	if flags.NArg() == 0 {
		return errUsage
	}
	command := flags.Arg(0)
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return fmt.Errorf("%w; %w", err, errUsage)
	}
	e, err := pickEmulator(ctx, *name)
	if err != nil {
		return err
	}
	s, err := open(*dir, *port, e)
	if err != nil {
		return err
	}
	s.sample, s.faults, s.hold, s.since = *sample, *faults, *hold, *since
	return s.do(ctx, command, flags.Args())
}

func (s *stack) do(ctx context.Context, command string, args []string) error {
	switch command {
	case "up":
		return s.withLock(func() error { return s.up(ctx) })
	case "down":
		return s.withLock(func() error { return s.down(ctx) })
	case "check":
		return s.check(ctx)
	case "status":
		return s.status(ctx)
	case "logs":
		return s.logs(ctx, args)
	case "token":
		return s.printToken(ctx, args)
	case "build":
		return s.buildFunctions(ctx, slices.Concat(args, []string{runtime.GOARCH})[0])
	case "gateway": // of up
		return s.serveGateway(ctx, args)
	default:
		return errUsage
	}
}
