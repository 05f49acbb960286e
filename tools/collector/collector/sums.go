package collector

import (
	"math"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// Sums are whole numbers: a counter's in thousandths, of which a paisa and half a write
// unit are multiples, and a histogram's in nanoseconds.
const (
	thousandths = 1e3
	nanoseconds = 1e9
	largest     = 1 << 53 // up to here a float64 holds every whole number
)

// overflowValue is the value of each label of the overflow series. A metric that already
// has its maximum of series adds everything else there, so that its total stays right.
const overflowValue = "overflow"

// maxValue bounds the length of a label's value in bytes. Route patterns are shorter.
const maxValue = 128

type sums struct {
	limit   int // series of each metric
	order   []string
	metrics map[string]*family
}

type family struct {
	metric.Definition

	series map[string]*series
}

type series struct {
	values  []string // of the labels, in the catalogue's order
	total   int64    // counter: thousandths; histogram: nanoseconds
	count   uint64
	buckets []uint64
}

func newSums(limit int, catalogue []metric.Definition) *sums {
	s := &sums{limit: limit, metrics: map[string]*family{}}
	for _, m := range catalogue {
		s.order = append(s.order, m.Name)
		s.metrics[m.Name] = &family{m, map[string]*series{}}
		if m.Kind != metric.Gauge && len(m.Labels) == 0 {
			s.metrics[m.Name].at(nil)
		}
	}
	return s
}

// Reasons why a delta is refused.
const (
	unknown   = "unknown"   // no such metric, or not with these labels
	malformed = "malformed" // not a number that can be added, or other buckets
	overflown = "overflow"  // added to the overflow series
)

// add adds a delta. It returns the reason if the delta is refused, else an empty string.
func (s *sums) add(d delta) string {
	m := s.metrics[d.Name]
	if m == nil || m.Kind == metric.Gauge {
		return unknown
	}
	values, ok := m.valuesOf(d.Labels)
	if !ok {
		return unknown
	}
	scale := thousandths
	if m.Kind == metric.Histogram {
		d.Value, scale = d.Sum, nanoseconds
	}
	if !addable(d.Value*scale) || (m.Kind == metric.Histogram && !complete(d)) {
		return malformed
	}
	reason := ""
	if m.isFull(values, s.limit) {
		reason, values = overflown, overflowValues(m.Labels)
	}
	x := m.at(values)
	x.total += int64(math.Round(d.Value * scale))
	x.count += d.Count
	for i, n := range d.Buckets {
		x.buckets[i] += n
	}
	return reason
}

// valuesOf returns the values of the metric's labels in the catalogue's order. It returns
// false unless labels are exactly those of the metric; optional ones may be missing.
func (m *family) valuesOf(labels map[string]string) ([]string, bool) {
	values, missing := make([]string, len(m.Labels)), 0
	for i, name := range m.Labels {
		v, ok := labels[name]
		if !ok {
			if !metric.Optional(m.Name, name) {
				return nil, false
			}
			missing++
		}
		values[i] = strings.ToValidUTF8(v, "?")
	}
	return values, len(labels) == len(m.Labels)-missing
}

func addable(n float64) bool { return n >= 0 && n <= largest } // false for NaN

// complete reports whether the buckets add up to the count.
func complete(d delta) bool {
	var all uint64
	for _, n := range d.Buckets {
		if n > largest {
			return false
		}
		all += n
	}
	return len(d.Buckets) == len(metric.Bounds())+1 && all == d.Count
}

// isFull reports whether values belong to the overflow series.
func (m *family) isFull(values []string, limit int) bool {
	for _, v := range values {
		if len(v) > maxValue {
			return true
		}
	}
	return m.series[id(values)] == nil && len(m.series) >= limit
}

// at returns the series of values, and creates it if necessary.
func (m *family) at(values []string) *series {
	x := m.series[id(values)]
	if x == nil {
		x = &series{values: values}
		if m.Kind == metric.Histogram {
			x.buckets = make([]uint64, len(metric.Bounds())+1)
		}
		m.series[id(values)] = x
	}
	return x
}

// id joins values with a byte that does not occur in UTF-8.
func id(values []string) string { return strings.Join(values, "\xff") }

func overflowValues(labels []string) []string {
	values := make([]string, len(labels))
	for i := range values {
		values[i] = overflowValue
	}
	return values
}
