package main

import (
	"fmt"
	"math"
	"strings"
)

// ceilings returns what each component can serve, computed from the settings alone: of one merchant, SKU or
// series, or of the cell. The runs show less where components disturb each other.
func ceilings(designs ...design) string {
	var b strings.Builder
	b.WriteString("| invoices/s at the most | by")
	for _, d := range designs {
		b.WriteString(" | " + d.name)
	}
	b.WriteString(" |\n|---|---|" + strings.Repeat("---|", len(designs)) + "\n")
	for _, row := range ceilingRows() {
		fmt.Fprintf(&b, "| %s | %s", row.name, row.by)
		for _, d := range designs {
			fmt.Fprintf(&b, " | %s", rounded(row.of(d)))
		}
		b.WriteString(" |\n")
	}
	return b.String() + "\n"
}

type ceiling struct {
	name, by string
	of       func(design) float64
}

// meanHeld is how long a transaction holds its items in the mean, in seconds.
var meanHeld = heldLeast.Seconds() +
	float64(heldRest.Seconds()*(1-math.Exp(-(heldMax-heldLeast).Seconds()/heldRest.Seconds())))

func ceilingRows() []ceiling {
	// An execution of create-invoice, and one of reserve-inventory, without what they wait for others.
	executing := (work + 2*write + invoke).Seconds() + 2*meanHeld + meanHeld
	return []ceiling{
		{"one SKU", "the item of its stock", func(d design) float64 {
			if d.stockShards == 1 {
				return 1 / (2 * meanHeld)
			}
			return min(float64(d.stockShards)/meanHeld, d.partitionUnits/reserveUnits)
		}},
		{"one series, through the queue", "the item of the series", func(d design) float64 {
			return float64(d.perCommit) / meanHeld
		}},
		{"one merchant", "index by-merchant: a partition", func(d design) float64 { return d.partitionUnits }},
		{"one merchant", "its rate, if nothing else is set", func(design) float64 { return merchantRate }},
		{"the cell", "stage of the API, a setting", func(design) float64 { return stageRate }},
		{"the cell", "audit log: its head", func(d design) float64 { return float64(d.auditBatch) / headHeld.Seconds() }},
		{"the cell", "index due: its partitions", func(d design) float64 {
			return float64(d.dueShards) * d.partitionUnits / (claimDue + completeDue)
		}},
		{"the cell", "EventBridge: deliveries", func(d design) float64 { return d.deliveries }},
		{"the cell", "publish-event: its batches", func(d design) float64 {
			calls := float64(d.batch) / 10
			return float64(d.publishWorkers*d.batch) / ((work + read + write).Seconds() + calls*send.Seconds())
		}},
		{"the cell", "EventBridge: calls of PutEvents, ten events each", func(d design) float64 { return 10 * d.putEvents }},
		{"the cell", "tables: platform", func(d design) float64 {
			return d.tableUnits / (claimUnits + claimDue + commitUnits + completeUnits + completeDue)
		}},
		{"the cell", "tables: inventory", func(d design) float64 { return d.tableUnits / (2 * stockUnits) }},
		{"the cell", "Lambda: concurrency", func(d design) float64 { return float64(d.concurrency) / executing }},
		{"the cell", "breaker: reads of its item, two a second by each instance", func(d design) float64 {
			return partitionReads / (breakerReads * (executing - meanHeld))
		}},
		{"the cell, of failures", "Step Functions: StartExecution", func(d design) float64 { return d.executions }},
	}
}

// rounded returns two significant digits: the model is not better than that.
func rounded(rate float64) string {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-1)
	return fmt.Sprintf("%.0f", math.Round(rate/unit)*unit)
}
