// Command peers compares shared/durable with other libraries, in one run on one DynamoDB
// Local, and prints the tables of docs/benchmarks.md. `make bench-peers` installs the
// peers first.
//
//	make bench-peers             every part, in about seven minutes
//	make bench-peers PEER=lock   one part: idempotency, lock, saga or breaker
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Paths of the peers that `make bench-peers` installs, relative to the repository root.
const (
	cache = ".cache/peers"
	ours  = cache + "/ours"
)

const (
	runTimeout  = 15 * time.Minute
	partTimeout = 8 * time.Minute // the longest part takes half of it on two idle cores
)

type part struct {
	name string
	run  func(context.Context, *local) error
}

func parts() []part {
	return []part{{"idempotency", idempotency}, {"lock", locks}, {"saga", sagas}, {"breaker", breakers}}
}

var errNoPart = errors.New("no such part; use idempotency, lock, saga or breaker")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	err := run(ctx, strings.Join(os.Args[1:], ""))
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, wanted string) error {
	l, err := startLocal(ctx, "")
	if err != nil {
		return err
	}
	defer l.stop()
	fmt.Printf("%d cores%s\n", runtime.NumCPU(), loadAverage())
	found := false
	for _, p := range parts() {
		if wanted != "" && wanted != p.name {
			continue
		}
		found = true
		within, cancel := context.WithTimeout(ctx, partTimeout)
		began := time.Now()
		err := p.run(within, l)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s took %.0f s\n", p.name, time.Since(began).Seconds())
	}
	if !found {
		return errNoPart
	}
	return nil
}

// loadAverage describes the machine's load before the run; it is empty where /proc is missing.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	lastMinute, _, _ := strings.Cut(string(b), " ")
	return ", load average before the run " + lastMinute
}
