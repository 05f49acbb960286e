// Command scale simulates one cell at several rates and prints, for each component, what it is asked, what
// it serves, and when it breaks. It is a model: docs/scale.md says where each of its numbers comes from.
package main

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the random numbers: the same seed gives the same tables")
	flag.Parse()
	fmt.Print(report(*seed))
}

// run is one simulation: the rate is reached after a ramp, and measured from then on.
type run struct {
	rate     float64 // invoices a second
	measured time.Duration
}

const ramp = 10 * time.Second

func runs() []run {
	return []run{{100, time.Minute}, {1_000, time.Minute}, {10_000, 30 * time.Second}}
}

// report returns the tables of docs/scale.md.
func report(seed uint64) string {
	var b strings.Builder
	b.WriteString(ceilings(before(), today(), raised()))
	for _, d := range []design{before(), today(), raised()} {
		for _, r := range runs() {
			c := newCell(d, seed)
			c.offer(r)
			b.WriteString(c.table(r))
		}
	}
	return b.String()
}
