// Command chaos runs an experiment with the running stack: it checks the steady state,
// injects a fault under load, removes it, and checks the promises against the tables. It
// prints PASS or FAIL for each expectation. The exit status is 1 if one failed and 130 if
// the run was interrupted.
//
//	chaos inventory   the inventory's functions are down for a minute
//	chaos dynamodb    DynamoDB is slow, then throttles half of the calls
//	chaos kills       a busy process of a function is killed every second
//	chaos queues      SQS and EventBridge refuse everything, then deliver it twice
//
// Flags after the command: -stack is the state folder of a stack that was started with
// -faults; -rate is the number of arrivals per second; -share scales the duration of the
// faults; -patience is the time to recover after them; -table is a file to append the
// experiment's row to.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		if ctx.Err() != nil {
			os.Exit(interrupted) //nolint:gocritic // nothing is left to be deferred
		}
		os.Exit(1)
	}
}

// interrupted is a shell's exit status for a program that Ctrl-C ended.
const interrupted = 130

var errUsage = errors.New("usage: chaos inventory | dynamodb | kills | queues " +
	"[-stack DIR] [-rate N] [-share F] [-patience D] [-table FILE]")

// settings are a run's flags.
type settings struct {
	dir, table string
	rate       float64 // new requests per second
	share      float64 // factor of the faults' durations; below 1 to try an experiment out
	patience   time.Duration
}

func start(ctx context.Context, args []string) error {
	var set settings
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.StringVar(&set.dir, "stack", ".local/chaos", "state folder of the stack")
	flags.StringVar(&set.table, "table", "", "file to append a row of Markdown to")
	flags.Float64Var(&set.rate, "rate", 12, "new requests per second")
	flags.Float64Var(&set.share, "share", 1, "factor of the faults' durations")
	flags.DurationVar(&set.patience, "patience", 4*time.Minute, "time to recover after the faults")
	if len(args) == 0 || flags.Parse(args[1:]) != nil || flags.NArg() > 0 || set.rate <= 0 || set.share <= 0 {
		return errUsage
	}
	all := []experiment{inventoryDown(), slowTables(), kills(), queuesRefuse()}
	i := slices.IndexFunc(all, func(x experiment) bool { return x.name == args[0] })
	if i < 0 {
		return errUsage
	}
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		return err
	}
	return runExperiment(ctx, all[i], s, set)
}
