package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// mostProcesses are two for each request that the front lets in, and as many again for
// the consumers and what is replaced.
const mostProcesses = 90

// sample is what the stack's processes use and its tables hold at one time.
type sample struct {
	usages map[string]usage
	items  map[string]int64 // by table
}

// soak runs the mixed traffic for long, and compares what the processes use a tenth
// into it, when all pools are filled, with what they use at its end.
func (l *load) soak(ctx context.Context) error {
	var first sample
	var early error
	started := time.AfterFunc(l.duration/10, func() { first, early = l.sample(ctx) })
	defer started.Stop()
	l.after = func() error {
		last, err := l.sample(ctx)
		if err := errors.Join(err, early); err != nil {
			return err
		}
		return compare(first, last)
	}
	return l.http(ctx)
}

func (l *load) sample(ctx context.Context) (sample, error) {
	s := sample{items: map[string]int64{}}
	var err error
	if s.usages, err = usages(l.stack); err != nil {
		return s, err
	}
	for _, name := range []string{"PLATFORM", "INVOICES", "INVENTORY", "AUDIT"} {
		out, err := l.DB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(l.Vars("INVOCHAIN_" + name + "_TABLE"))})
		if err != nil {
			return s, err
		}
		s.items[name] = aws.ToInt64(out.Table.ItemCount)
	}
	return s, nil
}

func compare(first, last sample) error {
	var errs []error
	if n := last.usages["functions"].processes; n > mostProcesses {
		errs = append(errs, fmt.Errorf("%d processes of functions", n))
	}
	// A function's process is started for each request at once, and has its connections.
	room := 5 * max(0, last.usages["functions"].processes-first.usages["functions"].processes)
	fmt.Println("\n| process | processes | MB | files | sockets |\n|---|---|---|---|---|")
	for _, name := range slices.Sorted(maps.Keys(last.usages)) {
		a, b := first.usages[name], last.usages[name]
		fmt.Printf("| %s | %d → %d | %d → %d | %d → %d | %d → %d |\n", name,
			a.processes, b.processes, a.memory>>10, b.memory>>10, a.files, b.files, a.sockets, b.sockets)
		for _, what := range b.each().grown(a.each(), room, name == "emulator" || name == "tables") {
			errs = append(errs, fmt.Errorf("%s: %s", name, what))
		}
	}
	invoices := (last.items["INVOICES"] - first.items["INVOICES"]) / 2 // one item for the number
	fmt.Println("\n| table | items | more for each invoice |\n|---|---|---|")
	for _, name := range slices.Sorted(maps.Keys(last.items)) {
		a, b := first.items[name], last.items[name]
		fmt.Printf("| %s | %d → %d | %.2f |\n", name, a, b, float64(b-a)/float64(max(1, invoices)))
	}
	fmt.Println()
	return errors.Join(errs...)
}
