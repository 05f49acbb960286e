package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/invochain/invochain/shared/deployment"
)

const (
	clients   = 32 // in a closed loop, enough to keep both cores busy
	wantShare = 0.90
)

// bare deploys the bare functions with a fixture and starts their processes. remove removes them.
func (l *load) bare(ctx context.Context) (bare target, remove func(), err error) {
	remove = func() {}
	f, err := l.begin(ctx)
	if err != nil {
		return bare, remove, err
	}
	f.Close(ctx) // the events of the bare functions have no listener, nor need ours one
	b, err := l.deployBare(ctx, f)
	if b != nil {
		remove = func() { b.remove(context.WithoutCancel(ctx)) }
	}
	if err != nil {
		return bare, remove, fmt.Errorf("deploy the bare functions: %w", err)
	}
	var numbers atomic.Int64
	bare = target{fixture: f, function: "bare-create", queues: b.queues}
	bare.event = func(ctx context.Context) ([]byte, error) { return f.bareEvent(ctx, int(numbers.Add(1))) }
	_, err = bare.drive(ctx, 2*time.Second)
	return bare, remove, err
}

// ceiling drives the system and the bare functions in turns by Lambda invocations, and
// prints the system's share of the bare functions' throughput.
func (l *load) ceiling(ctx context.Context) error {
	bare, remove, err := l.bare(ctx)
	defer remove()
	if err != nil {
		return err
	}
	const rounds = 3
	f := bare.fixture
	var numbers atomic.Int64
	ours := target{fixture: f, function: l.Vars(deployment.CreateFunction), queues: l.Queues()}
	ours.event = func(ctx context.Context) ([]byte, error) { return f.event(ctx, int(numbers.Add(1))) }
	fmt.Println("| round | what | invoices/s, answered | p50 ms | p95 ms | invoices/s, all done |\n" +
		"|---|---|---|---|---|---|")
	shares := make([]float64, 0, rounds)
	var spent [2]spending
	for round := range rounds {
		top, err := spent[0].drive(ctx, l, bare, l.duration/rounds/2)
		if err != nil {
			return err
		}
		mine, err := spent[1].drive(ctx, l, ours, l.duration/rounds/2)
		if err != nil {
			return err
		}
		top.print(round+1, "bare functions")
		mine.print(round+1, "InvoChain")
		shares = append(shares, mine.done/top.done)
	}
	compareSpending(spent[0], spent[1])
	slices.Sort(shares)
	fmt.Printf("\nshare of the ceiling, all done: %.0f %% (median of %d; %.0f–%.0f %%)\n",
		100*shares[rounds/2], rounds, 100*shares[0], 100*shares[rounds-1])
	if !l.smoke && shares[rounds/2] < wantShare {
		return errors.New("below 90 % of the ceiling")
	}
	return nil
}
