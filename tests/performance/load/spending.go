package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// spending of processor time by the stack's processes, by name, and by the generator.
type spending struct {
	cpu      map[string]time.Duration
	invoices int
}

// on drives a door and adds what that cost.
func (s *spending) on(ctx context.Context, l *load, d door, duration time.Duration) (pace, error) {
	before, err := l.spent()
	if err != nil {
		return pace{}, err
	}
	p, err := d.drive(ctx, duration)
	if err != nil {
		return pace{}, err
	}
	after, err := l.spent()
	if s.cpu == nil {
		s.cpu = map[string]time.Duration{}
	}
	for name, cpu := range after {
		s.cpu[name] += max(0, cpu-before[name]) // functions' processes that ended are not counted
	}
	s.invoices += len(p.took)
	return p, err
}

func (l *load) spent() (map[string]time.Duration, error) {
	all, err := usages(l.stack)
	cpu := map[string]time.Duration{"generator": cpuOf("self")}
	for name, u := range all {
		cpu[name] = u.cpu
	}
	return cpu, err
}

func compareSpending(bare, ours spending) {
	fmt.Println("\n| processor time, ms an invoice | bare functions | InvoChain |\n|---|---|---|")
	each := func(s spending, name string) float64 {
		return float64(s.cpu[name].Microseconds()) / 1000 / float64(max(1, s.invoices))
	}
	var sums [2]float64
	for _, name := range slices.Sorted(maps.Keys(ours.cpu)) {
		a, b := each(bare, name), each(ours, name)
		sums[0], sums[1] = sums[0]+a, sums[1]+b
		fmt.Printf("| %s | %.2f | %.2f |\n", name, a, b)
	}
	fmt.Printf("| all | %.2f | %.2f |\n", sums[0], sums[1])
}
