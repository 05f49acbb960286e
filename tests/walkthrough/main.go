// Command walkthrough shows the system's promises on a live stack, step by step,
// with PASS or FAIL for each, and ends with 1 if one failed.
//
//	make up && make walkthrough
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
	w := &walk{Stack: s}
	w.chapter("(a) one key, one invoice", func() error { return w.oneKeyOneInvoice(ctx) })
	w.chapter("(b) inventory away: nothing is left behind, and it can be redriven", func() error { return w.inventoryAway(ctx) })
	w.chapter("(c) inventory away for longer: the breaker opens, and closes by itself", func() error { return w.breakerOpens(ctx) })
	w.chapter("(d) the metrics of the whole fleet", func() error { return w.allMetrics(ctx) })
	fmt.Printf("\n%d passed, %d failed\n", w.passed, w.failed)
	if w.failed > 0 {
		os.Exit(1)
	}
}

// walk counts what held.
type walk struct {
	*stack.Stack
	passed, failed int
}

var errFailed = errors.New("a check failed")

func (w *walk) chapter(title string, tell func() error) {
	fmt.Printf("\n%s\n", title)
	if err := tell(); err != nil && !errors.Is(err, errFailed) {
		w.failed++
		fmt.Printf("  FAIL  %v\n", err)
	}
}

// check prints one line. What follows a failed check is still told.
func (w *walk) check(held bool, format string, args ...any) {
	verdict := "PASS"
	if held {
		w.passed++
	} else {
		w.failed++
		verdict = "FAIL"
	}
	fmt.Printf("  %s  %s\n", verdict, fmt.Sprintf(format, args...))
}
