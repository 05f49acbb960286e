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

// idempotencyPeer is a program that runs work once per key with one library.
type idempotencyPeer struct {
	name, language string
	command        []string
	partition      string // key attributes of its table; sort may be empty
	sort           string
}

func idempotencyPeers() []idempotencyPeer {
	python := []string{cache + "/python/bin/python", "tests/performance/peers/python/idempotency.py"}
	return []idempotencyPeer{
		{"shared/durable/idempotency, Complete in the caller's transaction", "Go", []string{ours, "transaction"}, "pk", "sk"},
		{"shared/durable/idempotency, Once", "Go", []string{ours, "once"}, "pk", "sk"},
		{"Powertools 3.37.0", "Python", python, "id", ""},
		{"Powertools 2.35.0", "TypeScript", []string{"node", "--no-warnings", cache + "/node/idempotency.mjs"}, "id", ""},
	}
}

// errUnexpected means that a fault occurred with ours, or no longer occurs with a peer.
var errUnexpected = errors.New("contradicts docs/benchmarks.md")

// lateResult is the result of a run that stalls beyond its lease.
type lateResult struct {
	Second, Late, Replay string // answers of the second run, the stalled run and a replay
	Runs                 int
	Effects              int // writes of the work that landed
}

func idempotency(ctx context.Context, l *local) error {
	m, err := startMeter(ctx, l.url)
	if err != nil {
		return err
	}
	fmt.Println("\n| idempotency | language | first call: calls | write units | first p50 ms | p99 ms " +
		"| replay: calls | replay p50 ms | p99 ms |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, k := range idempotencyPeers() {
		if err := k.times(ctx, l, m); err != nil {
			return err
		}
	}
	fmt.Println("\n| a run that stalls beyond its lease | then | second run's answer | late run's answer " +
		"| replay's answer | runs | effects | verdict |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, fault := range []string{"late-writer", "late-failer"} {
		for _, k := range idempotencyPeers() {
			if err := k.late(ctx, l, fault); err != nil {
				return err
			}
		}
	}
	return nil
}

// calls has the peer make n calls with the keys of a prefix and returns the duration of
// each in milliseconds. The work must run exactly runs times.
func (k idempotencyPeer) calls(ctx context.Context, endpoint, table, prefix string, n, runs int) ([]float64, error) {
	var got struct {
		MS   []float64
		Runs int
	}
	err := runPeer(ctx, &got, append(k.command, endpoint, table, "calls", prefix, strconv.Itoa(n))...)
	if err == nil && got.Runs != runs {
		err = fmt.Errorf("%s: the work of %d calls ran %d times, not %d", k.name, n, got.Runs, runs)
	}
	return got.MS, err
}

func (k idempotencyPeer) times(ctx context.Context, l *local, m *meter) error {
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
		perCall(float64(calls)), perCall(units), percentile(0.5, first), percentile(0.99, first),
		perCall(float64(again)), percentile(0.5, replay), percentile(0.99, replay))
	return nil
}

// perCall formats a total over the counted calls as an average per call.
func perCall(total float64) string { return strconv.FormatFloat(total/counted, 'g', 3, 64) }

// late runs a fault: run 1 stalls beyond its lease, run 2 does the work and returns, run 1
// continues, and a third call replays.
func (k idempotencyPeer) late(ctx context.Context, l *local, fault string) error {
	table, err := l.table(ctx, k.partition, k.sort)
	if err != nil {
		return err
	}
	var got lateResult
	if err := runPeer(ctx, &got, append(k.command, l.url, table, fault, "late", "1")...); err != nil {
		return err
	}
	answer, _, _ := strings.Cut(got.Late, ";")
	then := map[string]string{"late-writer": "succeeds", "late-failer": "fails"}[fault]
	fmt.Printf("| %s, %s | %s | %s | %s | %s | %d | %d | %s |\n",
		k.name, k.language, then, got.Second, answer, got.Replay, got.Runs, got.Effects, got.verdict())
	if kept := got.verdict() == answerKept; kept != (k.command[0] == ours) {
		return fmt.Errorf("%w: %s, %s", errUnexpected, k.name, fault)
	}
	return nil
}

const answerKept = "the answer stands"

func (r lateResult) verdict() string {
	switch {
	case r.Runs > 2:
		return "**the answer was deleted and the work ran again**"
	case r.Replay != r.Second:
		return "**the answer was overwritten**"
	default:
		return answerKept
	}
}
