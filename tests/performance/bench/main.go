// Command bench prints the figures of docs/benchmarks.md as Markdown, measured on the
// running stack: latencies of create and replay by number of clients, the time until the
// queues are empty, and the functions' sizes and start times.
//
//	make up && make bench
//	go run ./tests/performance/bench binaries     only the functions' table, without a stack
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
}

func run(ctx context.Context) error {
	if len(os.Args) > 1 && os.Args[1] == "binaries" {
		return binaries(ctx)
	}
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		return err
	}
	if err := latencies(ctx, s); err != nil {
		return err
	}
	return binaries(ctx)
}
