// Command chaos does an experiment with the running stack: it looks whether all is well,
// has something fail under load, mends it, and holds the promises against what the
// tables say. It prints PASS or FAIL for each expectation, and ends with 1 if one
// failed, with 130 if it was broken off.
//
//	chaos inventory   the inventory's functions are down for a minute
//	chaos dynamodb    DynamoDB is slow, then throttles half of the calls
//	chaos kills       a function's process is killed at its work, every second
//	chaos queues      SQS and EventBridge refuse everything, then deliver it twice
//
// Flags, behind the command: -stack the folder of the stack's state, which was brought up
// with -faults; -rate arrivals per second; -share of the time that faults last; -patience
// from their end until all must be well; -table a file to add the experiment's line to.
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
			os.Exit(brokenOff) //nolint:gocritic // nothing is left to be deferred
		}
		os.Exit(1)
	}
}

// brokenOff is the exit status of a program that Ctrl-C ended, as a shell gives it.
const brokenOff = 130

var errUsage = errors.New("usage: chaos inventory | dynamodb | kills | queues [-stack DIR] [-rate N] [-share F] [-patience D] [-table FILE]")

// settings of a run.
type settings struct {
	dir, table string
	rate       float64 // new requests a second
	share      float64 // of the faults' time: less than 1 to try an experiment out
	patience   time.Duration
}

func start(ctx context.Context, args []string) error {
	var set settings
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.StringVar(&set.dir, "stack", ".local/chaos", "folder of the stack's state")
	flags.StringVar(&set.table, "table", "", "file to add a line of Markdown to")
	flags.Float64Var(&set.rate, "rate", 12, "new requests a second")
	flags.Float64Var(&set.share, "share", 1, "of the time that faults last")
	flags.DurationVar(&set.patience, "patience", 4*time.Minute, "from the faults' end until all must be well")
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
	return do(ctx, all[i], s, set)
}
