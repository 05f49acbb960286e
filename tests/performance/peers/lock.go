package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

const lockPeer = cache + "/lock"

// crowd is what 32 contenders for one lock got.
type crowd struct {
	Wait     []float64
	Share    []int
	Seconds  float64
	Overlaps int
}

func locks(ctx context.Context, l *local) error {
	for _, table := range []func(context.Context, *local) error{basics, takeovers, contention} {
		if err := table(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func basics(ctx context.Context, l *local) error {
	m, err := startMeter(ctx, l.url)
	if err != nil {
		return err
	}
	fmt.Println("\n| lock that is free | acquire and release: calls | write units | acquire p50 ms | p99 ms | release p50 ms | p99 ms |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var timed, ignored map[string][]float64
		if err := answers(ctx, &timed, lockPeer, l.url, table, library, "basics", strconv.Itoa(warmCalls+timedCalls)); err != nil {
			return err
		}
		if err := answers(ctx, &ignored, lockPeer, m.url, table, library, "basics", strconv.Itoa(counted)); err != nil {
			return err
		}
		calls, units := m.take()
		acquire, release := timed["acquire"][warmCalls:], timed["release"][warmCalls:]
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s |\n", libraryName(library), each(float64(calls)), each(units),
			at(0.5, acquire), at(0.99, acquire), at(0.5, release), at(0.99, release))
	}
	return nil
}

func takeovers(ctx context.Context, l *local) error {
	fmt.Println("\n| lock of a dead holder, lease 2 s | wanted from its death on: had after ms | wanted 0.5 s after the lease ended: had after ms |")
	fmt.Println("|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock", "dynamolock-20ms"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var took map[string][]float64
		if err := answers(ctx, &took, lockPeer, l.url, table, library, "takeover"); err != nil {
			return err
		}
		fmt.Printf("| %s | %s | %s |\n", libraryName(library), at(0.5, took["at once"]), at(0.5, took["after"]))
	}
	return nil
}

func contention(ctx context.Context, l *local) error {
	fmt.Println("\n| 32 contenders, one lock, 8 s | acquisitions/s | of one contender: fewest | most | wait p50 ms | p99 ms | held by two at once |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, library := range []string{"invochain", "dynamolock", "dynamolock-20ms"} {
		table, err := l.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		var c crowd
		if err := answers(ctx, &c, lockPeer, l.url, table, library, "contend"); err != nil {
			return err
		}
		fmt.Printf("| %s | %.0f | %d | %d | %s | %s | %d |\n", libraryName(library), float64(len(c.Wait))/c.Seconds,
			slices.Min(c.Share), slices.Max(c.Share), at(0.5, c.Wait), at(0.99, c.Wait), c.Overlaps)
		if c.Overlaps > 0 {
			return fmt.Errorf("%w: %s was held by two at once", errUnexpected, library)
		}
	}
	return nil
}

func libraryName(library string) string {
	return map[string]string{
		"invochain":       "shared/durable/lock",
		"dynamolock":      "dynamolock 2.1.0, as it comes (looks again after 1 s)",
		"dynamolock-20ms": "dynamolock 2.1.0, looking again after 20 ms",
	}[library]
}
