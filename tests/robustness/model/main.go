// Command model runs Spin on the model of the saga, saga.pml. Every property must hold in
// every reachable state of the model, and each mutant, which lacks one guard, must yield a
// counter-example.
//
//	make model              or: go run ./tests/robustness/model [spin]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

var errHolds = errors.New("the mutant breaks no property: the model does not need this guard")

func main() {
	spin := "spin"
	if len(os.Args) > 1 {
		spin = os.Args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	if err := checkAll(ctx, checker{spin: spin}); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
}

func checkAll(ctx context.Context, c checker) error {
	fmt.Println("| scope | states | seconds |")
	fmt.Println("|---|---|---|")
	verdictOf := c.start(ctx, slices.Concat(scopes(), mutants()))
	for _, s := range scopes() {
		v, err := verdictOf()
		if err == nil && v.broken != "" {
			err = fmt.Errorf("%s is broken:\n%s", v.broken, v.trace)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("| %s | %d | %.0f |\n", s.name, v.states, v.took.Seconds())
	}
	fmt.Println("\n| guard removed | breaks |\n|---|---|")
	var traces strings.Builder
	for _, m := range mutants() {
		v, err := verdictOf()
		switch {
		case err != nil:
		case v.broken == "":
			err = errHolds
		case v.broken != m.breaks:
			err = fmt.Errorf("breaks %s instead of %s:\n%s", v.broken, m.breaks, v.trace)
		}
		if err != nil {
			return fmt.Errorf("%s (%s): %w", m.name, m.guard, err)
		}
		fmt.Printf("| %s | %s |\n", m.name, v.broken)
		fmt.Fprintf(&traces, "\n%s, %s:\n%s", m.guard, v.broken, v.trace)
	}
	fmt.Print("\nThe shortest counter-examples:\n", traces.String())
	return nil
}

// start begins searches, two at a time, since each may take 2 GB. Each call of verdictOf waits for the
// next one's verdict, in their order.
func (c checker) start(ctx context.Context, searches []search) (verdictOf func() (verdict, error)) {
	type result struct {
		verdict
		err error
	}
	results := make(chan chan result, len(searches))
	slots := make(chan struct{}, 2)
	for _, s := range searches {
		ready := make(chan result, 1)
		results <- ready
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			v, err := c.check(ctx, s)
			ready <- result{v, err}
		}()
	}
	return func() (verdict, error) {
		r := <-<-results
		return r.verdict, r.err
	}
}
