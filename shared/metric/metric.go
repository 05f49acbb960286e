// Package metric is the catalogue of metrics: their names, units, labels and the values
// that a label may have.
package metric

// Kind of a metric.
type Kind string

// Kinds of metrics. A counter and a histogram are recorded by the function that does the
// work, and added up over the fleet. A gauge is read from its source on demand.
const (
	Counter   Kind = "counter"
	Histogram Kind = "histogram"
	Gauge     Kind = "gauge"
)

// Definition describes a metric. The values of its labels are bounded: a label never holds
// a path, a key, an invoice or a merchant.
type Definition struct {
	Name   string
	Kind   Kind
	Unit   string // UCUM: s for seconds, 1 for a count, INR for rupees
	Labels []string
	Help   string
}

// Namespace returns the namespace of the metrics of a cell in CloudWatch: InvoChain/CELL, and InvoChain
// for the first cell, which has no name.
func Namespace(cell string) string {
	if cell == "" {
		return "InvoChain"
	}
	return "InvoChain/" + cell
}

// Bounds returns the upper bounds of the buckets of every histogram, in seconds; one more
// bucket is unbounded. They are fine around the objectives of 100 ms and 500 ms, and reach
// the longest timeout of a function that a caller waits for.
func Bounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10, 30}
}
