// Command walkthrough demonstrates the system's promises on a running stack, with PASS or
// FAIL for each. The exit status is 1 if one failed.
//
//	make up && make walkthrough
//	make up && make audit-demo    the chapter on the audit log alone: walkthrough audit
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 7*time.Minute)
	defer cancel()
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
	demo, err := s.As(ctx, stack.DemoMerchant)
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	w := &walk{Stack: s, Client: demo}
	all := len(os.Args) == 1
	if all {
		w.chapter("(a) one key, one invoice", func() error { return w.oneKeyOneInvoice(ctx) })
		w.chapter("(b) inventory outage: nothing is left behind, and the saga can be redriven",
			func() error { return w.outage(ctx) })
		w.chapter("(c) longer inventory outage: the breaker opens and closes by itself",
			func() error { return w.breakerOpens(ctx) })
	}
	w.chapter("(d) a receipt that verifies offline, and an audit log that notices a change",
		func() error { return w.provesInvoices(ctx) })
	if all {
		w.chapter("(e) the metrics of the whole fleet", func() error { return w.allMetrics(ctx) })
		w.chapter("(f) a request that waits, a late key, a changed profile", func() error { return w.requestWaits(ctx) })
	}
	fmt.Printf("\n%d passed, %d failed\n", w.passed, w.failed)
	if w.failed > 0 {
		os.Exit(1)
	}
}

// walk counts passed and failed checks.
type walk struct {
	*stack.Stack
	*client.Client // acts as the demo merchant
	passed, failed int
}

var errFailed = errors.New("a check failed")

func (w *walk) chapter(title string, run func() error) {
	fmt.Printf("\n%s\n", title)
	if err := run(); err != nil && !errors.Is(err, errFailed) {
		w.failed++
		fmt.Printf("  FAIL  %v\n", err)
	}
}

// check records and prints one check. The chapter continues after a failure.
func (w *walk) check(ok bool, format string, args ...any) {
	verdict := "PASS"
	if ok {
		w.passed++
	} else {
		w.failed++
		verdict = "FAIL"
	}
	fmt.Printf("  %s  %s\n", verdict, fmt.Sprintf(format, args...))
}
