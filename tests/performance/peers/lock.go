package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

const lockPeer = cache + "/lock"

// crowd is the result of 32 contenders for one lock.
type crowd struct {
	Wait     []float64 // milliseconds, of each acquisition
	Share    []int     // acquisitions of each contender
	Seconds  float64
	Overlaps int // acquisitions while another contender held the lock
}

func locks(ctx context.Context, l *local) error {
	for _, table := range []func(context.Context, *local) error{compareUncontended, compareTakeovers, compareContention} {
		if err := table(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func compareUncontended(ctx context.Context, l *local) error {
	m, err := startMeter(ctx, l.url)
	if err != nil {
		return err
	}
	fmt.Println("\n| free lock | acquire and release: calls | write units | acquire p50 ms | p99 ms " +
		"| release p50 ms | p99 ms |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var timed, ignored map[string][]float64
		err = runPeer(ctx, &timed, lockPeer, l.url, table, library, "basics", strconv.Itoa(warmCalls+timedCalls))
		if err != nil {
			return err
		}
		err = runPeer(ctx, &ignored, lockPeer, m.url, table, library, "basics", strconv.Itoa(counted))
		if err != nil {
			return err
		}
		calls, units := m.take()
		acquire, release := timed["acquire"][warmCalls:], timed["release"][warmCalls:]
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s |\n",
			libraryName(library), perCall(float64(calls)), perCall(units),
			percentile(0.5, acquire), percentile(0.99, acquire), percentile(0.5, release), percentile(0.99, release))
	}
	return nil
}

func compareTakeovers(ctx context.Context, l *local) error {
	fmt.Println("\n| lock of a dead holder, lease 2 s | waiting since its death: acquired after ms " +
		"| waiting since 0.5 s after the lease ended: acquired after ms |")
	fmt.Println("|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock", "dynamolock-20ms"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var took map[string][]float64
		if err := runPeer(ctx, &took, lockPeer, l.url, table, library, "takeover"); err != nil {
			return err
		}
		fmt.Printf("| %s | %s | %s |\n",
			libraryName(library), percentile(0.5, took["at once"]), percentile(0.5, took["after"]))
	}
	return nil
}

func compareContention(ctx context.Context, l *local) error {
	fmt.Println("\n| 32 contenders, one lock, 8 s | acquisitions/s | of one contender: fewest | most | wait p50 ms " +
		"| p99 ms | two holders at once |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock", "dynamolock-20ms"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var c crowd
		if err := runPeer(ctx, &c, lockPeer, l.url, table, library, "contend"); err != nil {
			return err
		}
		fmt.Printf("| %s | %.0f | %d | %d | %s | %s | %d |\n",
			libraryName(library), float64(len(c.Wait))/c.Seconds,
			slices.Min(c.Share), slices.Max(c.Share), percentile(0.5, c.Wait), percentile(0.99, c.Wait), c.Overlaps)
		if c.Overlaps > 0 {
			return fmt.Errorf("%w: %s had two holders at once", errUnexpected, library)
		}
	}
	return nil
}

func libraryName(library string) string {
	return map[string]string{
		"invochain":       "shared/durable/lock",
		"dynamolock":      "dynamolock 2.1.0, default (polls every 1 s)",
		"dynamolock-20ms": "dynamolock 2.1.0, polling every 20 ms",
	}[library]
}
