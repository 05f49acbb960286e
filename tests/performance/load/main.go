// Command load puts the running stack under load and then holds the books against
// what was answered. It prints Markdown tables, and ends with 1 if a threshold or a
// book does not hold.
//
//	load http     constant arrivals of mixed traffic at the HTTP door, by k6
//	load queue    invoice requests in bulk at the queue door
//	load ceiling  our share of what bare functions reach with the same AWS calls
//	load ramp     ever more clients, until far beyond what is possible
//	load soak     the mixed traffic for long: what the processes use, first and last
//
// Flags, behind the command: -rate arrivals per second, -duration, -smoke for
// thresholds on correctness alone, -k6 and -python the programs, -stack the folder of
// the stack's state, -dir where files are left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

// load is one run's settings.
type load struct {
	*stack.Stack
	rate     int
	duration time.Duration
	smoke    bool
	k6, dir  string
	python   string       // with what ramp.py draws with
	stack    string       // folder of the stack's state
	after    func() error // looks at the stack when the load has ended
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

var errUsage = errors.New("usage: load http | queue | ceiling | ramp | soak [-rate N] [-duration D] [-smoke] [-k6 PROGRAM] [-python PROGRAM] [-stack DIR] [-dir DIR]")

func run(ctx context.Context, args []string) error {
	l := &load{after: func() error { return nil }}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.IntVar(&l.rate, "rate", 80, "arrivals per second")
	flags.DurationVar(&l.duration, "duration", 5*time.Minute, "of the load")
	flags.BoolVar(&l.smoke, "smoke", false, "thresholds on correctness alone")
	flags.StringVar(&l.k6, "k6", ".cache/bin/k6", "the k6 program")
	flags.StringVar(&l.python, "python", ".cache/plot/bin/python", "the Python that draws")
	flags.StringVar(&l.stack, "stack", ".local", "folder of the stack's state")
	flags.StringVar(&l.dir, "dir", ".local/load", "where files are left")
	if len(args) == 0 || flags.Parse(args[1:]) != nil || flags.NArg() > 0 {
		return errUsage
	}
	commands := map[string]func(context.Context) error{"http": l.http, "queue": l.queue, "ceiling": l.ceiling, "ramp": l.ramp, "soak": l.soak}
	command, known := commands[args[0]]
	if !known {
		return errUsage
	}
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		return err
	}
	l.Stack = s
	if err := os.MkdirAll(l.dir, 0o750); err != nil {
		return err
	}
	return command(ctx)
}
