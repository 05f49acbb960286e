package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

var errNoTable = errors.New("the load printed no processor times")

// parse reads the processor times of an invoice from the last table of `make ceiling`: its rows are
// program, bare functions, InvoChain.
func parse(printed string) (map[string]float64, error) {
	_, rows, found := strings.Cut(printed, "| bare functions | InvoChain |\n")
	if !found {
		return nil, errNoTable
	}
	spent := map[string]float64{}
	for line := range strings.Lines(rows) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			break
		}
		if ms, err := strconv.ParseFloat(strings.TrimSpace(cells[3]), 64); err == nil {
			spent[strings.TrimSpace(cells[1])] = ms
		}
	}
	if spent["all"] == 0 {
		return nil, errNoTable
	}
	return spent, nil
}

// table compares the medians of two versions, and gives the spread of the ratio from round to round.
func table(base, this version) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| CPU time, ms an invoice | %s | %s | ratio | rounds |\n", base.name, this.name)
	b.WriteString("|---|---|---|---|---|\n")
	for _, program := range slices.Sorted(maps.Keys(this.measured[0])) {
		before, after := base.of(program), this.of(program)
		var ratios []float64
		for i := range before {
			if before[i] > 0 {
				ratios = append(ratios, after[i]/before[i])
			}
		}
		if len(ratios) == 0 {
			fmt.Fprintf(&b, "| %s | – | %.2f | – | – |\n", program, median(after))
			continue
		}
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %.2f | %.2f to %.2f |\n",
			program, median(before), median(after), median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	return b.String()
}

// of returns the measurements of a program, by round; 0 where it did not run.
func (v version) of(program string) []float64 {
	all := make([]float64, len(v.measured))
	for i, m := range v.measured {
		all[i] = m[program]
	}
	return all
}

// median returns the middle value, the lower one of two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
