package collector

import (
	"math"
	"strings"

	"github.com/invochain/invochain/shared/metric"
)

// Sums are kept in whole numbers: a counter's in thousandths, which a paisa and half
// a write unit are multiples of, and a histogram's in nanoseconds.
const (
	thousandths = 1e3
	nanoseconds = 1e9
	largest     = 1 << 53 // what a float64 counts exactly
)

// Overflow is the value of every label of the series that takes what would need more
// series than a metric may have: the sum over all stays right.
const Overflow = "overflow"

// maxValue is the longest value of a label in bytes; a route's pattern is shorter.
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

// Why a delta was not added as it came.
const (
	unknown   = "unknown"   // no such metric, or not with these labels
	malformed = "malformed" // no number that can be added, or other buckets
	overflown = "overflow"  // added, to the overflow series
)

// add returns an empty string, or why the delta was not added as it came.
func (s *sums) add(d Delta) string {
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
	if !addable(d.Value*scale) || (m.Kind == metric.Histogram && !whole(d)) {
		return malformed
	}
	why := ""
	if m.full(values, s.limit) {
		why, values = overflown, overflow(m.Labels)
	}
	x := m.at(values)
	x.total += int64(math.Round(d.Value * scale))
	x.count += d.Count
	for i, n := range d.Buckets {
		x.buckets[i] += n
	}
	return why
}

// valuesOf wants exactly the metric's labels.
func (m *family) valuesOf(labels map[string]string) ([]string, bool) {
	values := make([]string, len(m.Labels))
	for i, name := range m.Labels {
		v, there := labels[name]
		if !there {
			return nil, false
		}
		values[i] = strings.ToValidUTF8(v, "?")
	}
	return values, len(labels) == len(m.Labels)
}

func addable(n float64) bool { return n >= 0 && n <= largest } // and so no NaN

// whole tells whether the buckets hold all that was counted.
func whole(d Delta) bool {
	var all uint64
	for _, n := range d.Buckets {
		if n > largest {
			return false
		}
		all += n
	}
	return len(d.Buckets) == len(metric.Bounds())+1 && all == d.Count
}

func (m *family) full(values []string, limit int) bool {
	for _, v := range values {
		if len(v) > maxValue {
			return true
		}
	}
	return m.series[id(values)] == nil && len(m.series) >= limit
}

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

// id separates by a byte that no UTF-8 text holds.
func id(values []string) string { return strings.Join(values, "\xff") }

func overflow(labels []string) []string {
	values := make([]string, len(labels))
	for i := range values {
		values[i] = Overflow
	}
	return values
}
