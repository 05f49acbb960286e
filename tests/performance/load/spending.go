package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/invochain/invochain/tools/process"
)

// spending is the CPU time of the stack's processes, by name, and of the load generator.
type spending struct {
	cpu      map[string]time.Duration
	invoices int
}

// add adds the CPU time that work takes, and the invoices that it returns to have issued.
func (s *spending) add(l *load, work func() (invoices int, err error)) error {
	before, err := l.spent()
	if err != nil {
		return err
	}
	invoices, err := work()
	if err != nil {
		return err
	}
	after, err := l.spent()
	if err != nil {
		return err
	}
	if s.cpu == nil {
		s.cpu = map[string]time.Duration{}
	}
	for name, cpu := range after {
		s.cpu[name] += max(0, cpu-before[name]) // processes of functions that ended are not counted
	}
	s.invoices += invoices
	return nil
}

// drive drives a target and adds the CPU time spent.
func (s *spending) drive(ctx context.Context, l *load, t target, duration time.Duration) (pace, error) {
	var p pace
	err := s.add(l, func() (issued int, err error) {
		p, err = t.drive(ctx, duration)
		return len(p.took), err
	})
	return p, err
}

func (l *load) spent() (map[string]time.Duration, error) {
	all, err := usages(l.stack)
	cpu := map[string]time.Duration{"generator": process.ReadUsage(os.Getpid()).CPU}
	for name, u := range all {
		cpu[name] = u.CPU
	}
	return cpu, err
}

func compareSpending(bare, ours spending) {
	fmt.Println("\n| CPU time, ms per invoice | bare functions | InvoChain |\n|---|---|---|")
	perInvoice := func(s spending, name string) float64 {
		return float64(s.cpu[name].Microseconds()) / 1000 / float64(max(1, s.invoices))
	}
	var sums [2]float64
	for _, name := range slices.Sorted(maps.Keys(ours.cpu)) {
		a, b := perInvoice(bare, name), perInvoice(ours, name)
		sums[0], sums[1] = sums[0]+a, sums[1]+b
		fmt.Printf("| %s | %.2f | %.2f |\n", name, a, b)
	}
	fmt.Printf("| all | %.2f | %.2f |\n", sums[0], sums[1])
}
