// Command linearizability runs concurrent clients of the running stack that issue, cancel and
// read invoices, and checks that one order of events explains all answers. It creates its own
// merchants.
//
//	make up && make verify CLIENTS=10 OPS=2000
//
// The exit status is 1 when a promise is broken. The command then prints the smallest part
// of the history that shows it, and the paths of a picture of that part and of the whole
// history, with the commands to run and to check it again.
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

	"github.com/invochain/invochain/tests/framework/stack"
	"github.com/invochain/invochain/tests/robustness/linearizability/history"
)

func main() {
	var cfg history.Config
	flag.IntVar(&cfg.Clients, "clients", 10, "number of concurrent clients")
	flag.IntVar(&cfg.Ops, "ops", 2000, "number of operations")
	flag.Float64Var(&cfg.Rate, "rate", 40, "maximum number of operations started per second")
	flag.Uint64Var(&cfg.Seed, "seed", rand.Uint64N(1_000_000), "seed of the plan")
	flag.DurationVar(&cfg.Timeout, "timeout", 30*time.Second, "timeout of a request")
	flag.Float64Var(&cfg.Tight, "tight", 0.06, "share of writes with a timeout of at most 60 ms, whose outcome is unknown")
	flag.DurationVar(&cfg.Settle, "settle", 3*time.Minute, "how long to wait for work in flight at the end")
	judge := flag.String("judge", "", "check this history file instead of running clients")
	limit := flag.Duration("limit", time.Minute, "time limit of the search in one partition")
	dir := flag.String("out", os.TempDir(), "folder for the files of a failure")
	flag.Parse()
	if flag.NArg() > 0 || cfg.Clients < 1 || cfg.Rate <= 0 {
		fmt.Fprintln(os.Stderr, "usage: linearizability [flags] of a run, or linearizability -judge FILE")
		flag.PrintDefaults()
		os.Exit(2)
	}
	h, err := runOrRead(cfg, *judge)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	fmt.Println(h.Summary())
	r := h.Check(*limit)
	fmt.Printf("%d partitions checked, %d undecided within %s, %d violations\n",
		r.Checked, len(r.Undecided), *limit, len(r.Violations))
	for _, name := range r.Undecided {
		fmt.Printf("undecided: %s (check it again with a longer -limit)\n", name)
	}
	if len(r.Violations)+len(r.Undecided) > 0 {
		report(cfg, h, r.Violations, *judge == "", *dir)
	}
	if len(r.Violations) > 0 {
		os.Exit(1)
	}
}

// runOrRead runs the clients, or reads a history file if there is one.
func runOrRead(cfg history.Config, file string) (history.History, error) {
	if file == "" {
		fmt.Printf("seed %d: %d operations of %d clients, %.0f/s\n", cfg.Seed, cfg.Ops, cfg.Clients, cfg.Rate)
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		s, err := stack.Open(ctx, os.Getenv)
		if err != nil {
			return history.History{}, err
		}
		cfg.NewMerchant = s.NewMerchant
		return history.Run(ctx, cfg)
	}
	var h history.History
	raw, err := os.ReadFile(file)
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(raw, &h)
}

// report prints the violations and writes the history and a picture to dir.
func report(cfg history.Config, h history.History, violations []history.Violation, ran bool, dir string) {
	for i, v := range violations {
		fmt.Printf("\n%s", v.What)
		if i == 0 {
			fmt.Printf("\n%s", v)
		}
	}
	name := filepath.Join(dir, fmt.Sprintf("linearizability-%d", h.Seed))
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
	const command = "go run ./tests/robustness/linearizability"
	fmt.Printf("\nhistory     %s.json %s\ncheck again %s -judge %s.json\n", name, problem(err), command, name)
	if ran {
		fmt.Printf("run again   %s -clients %d -ops %d -rate %g -tight %g -seed %d\n",
			command, cfg.Clients, cfg.Ops, cfg.Rate, cfg.Tight, h.Seed)
	}
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}
