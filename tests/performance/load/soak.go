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

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tools/process"
)

// maxProcesses allows two processes of functions per request that the gateway admits, and
// as many again for the consumers and for replaced processes.
const maxProcesses = 90

// sample is the processes' resource usage and the tables' item counts at one time.
type sample struct {
	usages map[string]process.Usage
	items  map[string]int64 // by table
}

// soak runs the mixed traffic for long. It compares the processes' resource usage after a
// tenth of the time, when all pools are filled, with that at the end.
func (l *load) soak(ctx context.Context) error {
	if l.rate == 0 {
		bare, _, err := l.bareRate(ctx)
		if err != nil {
			return err
		}
		l.rate = int(bare / 2)
	}
	var first sample
	var firstErr error
	started := time.AfterFunc(l.duration/10, func() { first, firstErr = l.sample(ctx) })
	defer started.Stop()
	l.after = func() error {
		last, err := l.sample(ctx)
		if err := errors.Join(err, firstErr); err != nil {
			return err
		}
		return compare(first, last)
	}
	return l.atRate(ctx)
}

func (l *load) sample(ctx context.Context) (sample, error) {
	s := sample{items: map[string]int64{}}
	var err error
	if s.usages, err = usages(l.stack); err != nil {
		return s, err
	}
	for name, variable := range map[string]string{
		"platform": deployment.PlatformTable, "invoices": deployment.InvoicesTable,
		"inventory": deployment.InventoryTable, "audit": deployment.AuditTable,
	} {
		table := aws.String(l.Vars(variable))
		out, err := l.DB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table})
		if err != nil {
			return s, err
		}
		s.items[name] = aws.ToInt64(out.Table.ItemCount)
	}
	return s, nil
}

func compare(first, last sample) error {
	var errs []error
	if n := last.usages["functions"].Processes; n > maxProcesses {
		errs = append(errs, fmt.Errorf("%d processes of functions", n))
	}
	// Each process of a function holds connections to the others.
	room := 5 * max(0, last.usages["functions"].Processes-first.usages["functions"].Processes)
	fmt.Println("\n| process | processes | MB | files | sockets |\n|---|---|---|---|---|")
	for _, name := range slices.Sorted(maps.Keys(last.usages)) {
		a, b := first.usages[name], last.usages[name]
		fmt.Printf("| %s | %d → %d | %d → %d | %d → %d | %d → %d |\n", name,
			a.Processes, b.Processes, a.Memory>>10, b.Memory>>10, a.Files, b.Files, a.Sockets, b.Sockets)
		for _, what := range grown(each(a), each(b), room, name == "emulator" || name == "tables") {
			errs = append(errs, fmt.Errorf("%s: %s", name, what))
		}
	}
	invoices := (last.items["invoices"] - first.items["invoices"]) / 2 // one item for the number
	fmt.Println("\n| table | items | growth per invoice |\n|---|---|---|")
	for _, name := range slices.Sorted(maps.Keys(last.items)) {
		a, b := first.items[name], last.items[name]
		fmt.Printf("| %s | %d → %d | %.2f |\n", name, a, b, float64(b-a)/float64(max(1, invoices)))
	}
	fmt.Println()
	return errors.Join(errs...)
}
