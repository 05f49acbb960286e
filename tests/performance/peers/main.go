// Command peers sets the correctness core beside what others use in its place, in
// one run on one DynamoDB Local, and prints the tables of docs/benchmarks.md.
// `make bench-peers` installs what it runs.
//
//	make bench-peers             everything, some three minutes
//	make bench-peers PEER=lock   one part: idempotency, lock or saga
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

// Where `make bench-peers` puts the peers, from the checkout's top.
const (
	cache = ".cache/peers"
	ours  = cache + "/ours"
)

const (
	wholeRun = 6 * time.Minute
	onePart  = 3 * time.Minute // the longest takes half of it on two idle cores
)

type part struct {
	name string
	run  func(context.Context, *local) error
}

func parts() []part {
	return []part{{"idempotency", idempotency}, {"lock", locks}, {"saga", sagas}}
}

var errNoPart = errors.New("no such part: idempotency, lock or saga")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, wholeRun)
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
	fmt.Printf("%d cores%s\n", runtime.NumCPU(), load())
	found := false
	for _, p := range parts() {
		if wanted != "" && wanted != p.name {
			continue
		}
		found = true
		within, cancel := context.WithTimeout(ctx, onePart)
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

// load tells how busy the machine was before the run, where Linux says so.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	lastMinute, _, _ := strings.Cut(string(b), " ")
	return ", load average before the run " + lastMinute
}
