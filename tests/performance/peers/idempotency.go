package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	warmCalls  = 100
	timedCalls = 400
	counted    = 20
)

// keeper is a library that keeps idempotency keys, as a program.
type keeper struct {
	name, language string
	command        []string
	partition      string // key of the table that it wants
	sort           string
}

func keepers() []keeper {
	return []keeper{
		{"shared/durable/idempotency, Complete in the caller's transaction", "Go", []string{ours, "transaction"}, "pk", "sk"},
		{"shared/durable/idempotency, Once", "Go", []string{ours, "once"}, "pk", "sk"},
		{"Powertools 3.37.0", "Python", []string{cache + "/python/bin/python", "tests/performance/peers/python/peer.py"}, "id", ""},
		{"Powertools 2.35.0", "TypeScript", []string{"node", "--no-warnings", cache + "/typescript/peer.mjs"}, "id", ""},
	}
}

// errUnexpected means that a fault showed on ours, or no longer on theirs.
var errUnexpected = errors.New("docs/benchmarks.md says otherwise")

// late is what a late run did to its successor.
type late struct {
	Second, Late, Replay string
	Runs                 int
	Effects              int // writes of the work that landed
}

func idempotency(ctx context.Context, l *local) error {
	m, err := startMeter(ctx, l.url)
	if err != nil {
		return err
	}
	fmt.Println("\n| idempotency | language | first call: calls | write units | first p50 ms | p99 ms | replay: calls | replay p50 ms | p99 ms |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, k := range keepers() {
		if err := k.times(ctx, l, m); err != nil {
			return err
		}
	}
	fmt.Println("\n| a run that stalled beyond its time | then | second run's caller was told | late run was told | a replay says | runs | effects | verdict |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, fault := range []string{"late-writer", "late-failer"} {
		for _, k := range keepers() {
			if err := k.late(ctx, l, fault); err != nil {
				return err
			}
		}
	}
	return nil
}

// calls has the peer make n calls with the keys of a prefix, and returns how long
// each took in milliseconds. The work must have run as often as is wanted.
func (k keeper) calls(ctx context.Context, endpoint, table, prefix string, n, runs int) ([]float64, error) {
	var got struct {
		MS   []float64
		Runs int
	}
	err := answers(ctx, &got, append(k.command, endpoint, table, "calls", prefix, strconv.Itoa(n))...)
	if err == nil && got.Runs != runs {
		err = fmt.Errorf("%s: the work of %d calls ran %d times, not %d", k.name, n, got.Runs, runs)
	}
	return got.MS, err
}

func (k keeper) times(ctx context.Context, l *local, m *meter) error {
	table, err := l.table(ctx, k.partition, k.sort)
	if err != nil {
		return err
	}
	n := warmCalls + timedCalls
	first, err := k.calls(ctx, l.url, table, "timed", n, n)
	if err != nil {
		return err
	}
	replay, err := k.calls(ctx, l.url, table, "timed", n, 0)
	if err != nil {
		return err
	}
	if _, err = k.calls(ctx, m.url, table, "counted", counted, counted); err != nil {
		return err
	}
	calls, units := m.take()
	if _, err = k.calls(ctx, m.url, table, "counted", counted, 0); err != nil {
		return err
	}
	again, _ := m.take()
	first, replay = first[warmCalls:], replay[warmCalls:]
	fmt.Printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", k.name, k.language,
		each(float64(calls)), each(units), at(0.5, first), at(0.99, first),
		each(float64(again)), at(0.5, replay), at(0.99, replay))
	return nil
}

// each is the part of a total that falls to one of the counted calls.
func each(total float64) string { return strconv.FormatFloat(total/counted, 'g', 3, 64) }

// late plays a fault: run 1 stalls beyond its time, run 2 does the work and is
// answered, run 1 goes on, and the call is made once more.
func (k keeper) late(ctx context.Context, l *local, fault string) error {
	table, err := l.table(ctx, k.partition, k.sort)
	if err != nil {
		return err
	}
	var got late
	if err := answers(ctx, &got, append(k.command, l.url, table, fault, "late", "1")...); err != nil {
		return err
	}
	heard, _, _ := strings.Cut(got.Late, ";")
	then := map[string]string{"late-writer": "ended well", "late-failer": "failed"}[fault]
	fmt.Printf("| %s, %s | %s | %s | %s | %s | %d | %d | %s |\n",
		k.name, k.language, then, got.Second, heard, got.Replay, got.Runs, got.Effects, got.verdict())
	if stands := got.verdict() == stands; stands != (k.command[0] == ours) {
		return fmt.Errorf("%w: %s, %s", errUnexpected, k.name, fault)
	}
	return nil
}

const stands = "the answer stands"

func (f late) verdict() string {
	switch {
	case f.Runs > 2:
		return "**the answer was deleted, the work ran again**"
	case f.Replay != f.Second:
		return "**the answer was overwritten**"
	default:
		return stands
	}
}
