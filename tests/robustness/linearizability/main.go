// Command verify has concurrent clients of an InvoChain API, at any URL, issue and
// read invoices, and checks what they were told against the promises: that one order
// of events explains it all. It needs nothing but HTTP, and merchants of its own,
// which it seeds.
//
//	go run ./tests/robustness/linearizability -clients 10 -ops 2000 http://localhost:3002
//
// It ends with 1 when a promise was broken: then it prints the smallest part of the
// history that shows it, and names a picture of that part, the whole history, and
// the commands that run and judge it again.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/invochain/invochain/tests/robustness/linearizability/history"
)

func main() {
	var cfg history.Config
	flag.IntVar(&cfg.Clients, "clients", 10, "clients at once")
	flag.IntVar(&cfg.Ops, "ops", 2000, "operations in all")
	flag.Float64Var(&cfg.Rate, "rate", 40, "operations begun a second, at most")
	flag.Uint64Var(&cfg.Seed, "seed", rand.Uint64N(1_000_000), "of the plan")
	flag.DurationVar(&cfg.Timeout, "timeout", 30*time.Second, "of a request")
	flag.Float64Var(&cfg.Tight, "tight", 0.06, "share of writes that a client gives up within 60 ms, so that it does not know what became of them")
	flag.DurationVar(&cfg.Settle, "settle", 3*time.Minute, "how long to wait for the end of what is on its way")
	judge := flag.String("judge", "", "judge a history that was written before, instead of running")
	limit := flag.Duration("limit", time.Minute, "of the search in one partition")
	dir := flag.String("out", os.TempDir(), "where to write what failed")
	flag.Parse()
	cfg.URL = flag.Arg(0)
	if (cfg.URL == "") == (*judge == "") || cfg.Clients < 1 || cfg.Rate <= 0 {
		fmt.Fprintln(os.Stderr, "usage: verify [flags] URL, or verify -judge FILE")
		flag.PrintDefaults()
		os.Exit(2)
	}
	h, err := take(cfg, *judge)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	fmt.Println(h.Summary())
	r := h.Check(*limit)
	fmt.Printf("%d partitions checked, %d undecided within %s, %d violations\n", r.Checked, len(r.Undecided), *limit, len(r.Violations))
	for _, name := range r.Undecided {
		fmt.Printf("undecided: %s (judge it again with a longer -limit)\n", name)
	}
	if len(r.Violations)+len(r.Undecided) > 0 {
		tell(cfg, h, r.Violations, *dir)
	}
	if len(r.Violations) > 0 {
		os.Exit(1)
	}
}

// take runs, or reads what an earlier run has written.
func take(cfg history.Config, file string) (history.History, error) {
	if file == "" {
		fmt.Printf("seed %d: %d operations of %d clients, %.0f/s\n", cfg.Seed, cfg.Ops, cfg.Clients, cfg.Rate)
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		return history.Run(ctx, cfg)
	}
	var h history.History
	raw, err := os.ReadFile(file)
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(raw, &h)
}

// tell shows the violations, and keeps the history that they, or what is undecided,
// are in.
func tell(cfg history.Config, h history.History, violations []history.Violation, dir string) {
	for i, v := range violations {
		fmt.Printf("\n%s", v.What)
		if i == 0 {
			fmt.Printf("\n%s", v)
		}
	}
	name := filepath.Join(dir, fmt.Sprintf("verify-%d", h.Seed))
	fmt.Println()
	for _, v := range violations {
		if drawn, err := v.Draw(name + ".html"); drawn {
			fmt.Printf("\npicture     %s.html %s", name, problem(err))
			break
		}
	}
	raw, err := json.MarshalIndent(h, "", " ")
	if err == nil {
		err = os.WriteFile(name+".json", raw, 0o600)
	}
	fmt.Printf("\nhistory     %s.json %s\njudge again go run ./tests/robustness/linearizability -judge %s.json\n", name, problem(err), name)
	if cfg.URL != "" {
		fmt.Printf("run again   go run ./tests/robustness/linearizability -clients %d -ops %d -rate %g -tight %g -seed %d %s\n", cfg.Clients, cfg.Ops, cfg.Rate, cfg.Tight, h.Seed, cfg.URL)
	}
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}
