// Command load puts the running stack under load and then checks the invariants against
// the responses. It prints Markdown tables. The exit status is 1 if a threshold is missed
// or an invariant is broken.
//
//	load http     mixed traffic at a constant arrival rate on the HTTP API, by k6
//	load queue    invoice requests in bulk on the requests queue
//	load ceiling  our share of the throughput of bare functions with the same AWS calls
//	load ramp     ever more clients, far beyond the capacity
//	load soak     the mixed traffic for long, with the processes' resources at start and end
//
// Flags after the command: -rate is the number of arrivals per second. 0 lets the queue take as many as it
// can; http and soak then take shares of the rate of the bare functions. -duration is that of each load;
// -smoke checks only thresholds on correctness; -k6 and -python are programs; -stack is the stack's state
// folder; -dir is the folder for output files.
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
	p95      time.Duration // of HTTP requests, at most
	duration time.Duration
	smoke    bool
	k6, dir  string
	python   string       // Python with matplotlib for ramp.py
	stack    string       // the stack's state folder
	after    func() error // runs when the load has ended
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

var errUsage = errors.New("usage: load http | queue | ceiling | ramp | soak [-rate N] [-duration D] [-smoke] " +
	"[-k6 PROGRAM] [-python PROGRAM] [-stack DIR] [-dir DIR]")

func run(ctx context.Context, args []string) error {
	l := &load{p95: 500 * time.Millisecond, after: func() error { return nil }}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.IntVar(&l.rate, "rate", 0, "arrivals per second")
	flags.DurationVar(&l.duration, "duration", 5*time.Minute, "duration of the load")
	flags.BoolVar(&l.smoke, "smoke", false, "check only thresholds on correctness")
	flags.StringVar(&l.k6, "k6", ".cache/bin/k6", "the k6 program")
	flags.StringVar(&l.python, "python", ".cache/plot/bin/python", "Python with matplotlib")
	flags.StringVar(&l.stack, "stack", ".local", "the stack's state folder")
	flags.StringVar(&l.dir, "dir", ".local/load", "folder for output files")
	if len(args) == 0 || flags.Parse(args[1:]) != nil || flags.NArg() > 0 {
		return errUsage
	}
	commands := map[string]func(context.Context) error{
		"http": l.http, "queue": l.queue, "ceiling": l.ceiling, "ramp": l.ramp, "soak": l.soak,
	}
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
