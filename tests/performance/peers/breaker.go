package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

const breakerPeer = cache + "/breaker"

// breakerRow is one breaker's result in the scenario of tests/performance/peers/breaker.
type breakerRow struct {
	Name     string  `json:"name"`
	ClosedNS int64   `json:"closed_ns"`
	OpenNS   int64   `json:"open_ns"`
	ReadNS   int64   `json:"read_ns"` // of a call that reads the shared state; 0 if there is none
	Through  int     `json:"through"`
	RefuseS  float64 `json:"refuse_s"`
	Probes   int     `json:"probes"`
	Time     string  `json:"time"`
}

// breakers runs each breaker through the same outage, one after the other.
func breakers(ctx context.Context, l *local) error {
	table, err := l.table(ctx, "pk", "sk")
	if err != nil {
		return err
	}
	fmt.Println("\n| breaker | closed, ns a call | open, ns a call | with a read of the shared state, ms " +
		"| calls let through | all refuse after s | probes | time |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, command := range [][]string{
		{breakerPeer, "-test.run", "InOneProcess"},
		{"node", cache + "/node/breaker.mjs"},
		{cache + "/python/bin/python", "tests/performance/peers/python/breaker.py", l.url},
		{breakerPeer, "-test.run", "InvoChain", "-endpoint", l.url, "-table", table},
	} {
		out, err := output(ctx, command...)
		if err != nil {
			return err
		}
		if err := printBreakers(string(out)); err != nil {
			return fmt.Errorf("%s printed %q: %w", command[0], out, err)
		}
	}
	return nil
}

// printBreakers prints a row for each line of JSON in a peer's output.
func printBreakers(out string) error {
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "{") {
			continue // a test binary also prints PASS
		}
		var r breakerRow
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return err
		}
		read := "–"
		if r.ReadNS > 0 {
			read = fmt.Sprintf("%.2f", float64(r.ReadNS)/1e6)
		}
		fmt.Printf("| %s | %d | %d | %s | %d | %.1f | %d | %s |\n",
			r.Name, r.ClosedNS, r.OpenNS, read, r.Through, r.RefuseS, r.Probes, r.Time)
	}
	return nil
}
