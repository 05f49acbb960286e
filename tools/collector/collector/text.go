package collector

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// write writes every metric in Prometheus' text format: the sums, and the readings of
// gauges.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
func (s *sums) write(w io.Writer, readings []gauge.Reading) error {
	var b strings.Builder
	for _, name := range s.order {
		m := s.metrics[name]
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, escape(m.Help, `\`, "\n"), name, m.Kind)
		for _, r := range readings {
			if r.Name == name {
				sample(&b, name, pairs(m.Labels, r.Labels), strconv.FormatFloat(r.Value, 'g', -1, 64))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(m.series)) {
			m.write(&b, m.series[key])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *family) write(b *strings.Builder, x *series) {
	labels := pairs(m.Labels, x.values)
	if m.Kind == metric.Counter {
		sample(b, m.Name, labels, decimal(x.total, 3))
		return
	}
	below := uint64(0)
	for i, n := range x.buckets {
		below += n
		sample(b, m.Name+"_bucket", append(slices.Clone(labels), pair("le", bound(i))), strconv.FormatUint(below, 10))
	}
	sample(b, m.Name+"_sum", labels, decimal(x.total, 9))
	sample(b, m.Name+"_count", labels, strconv.FormatUint(x.count, 10))
}

func sample(b *strings.Builder, name string, labels []string, value string) {
	b.WriteString(name)
	if len(labels) > 0 {
		b.WriteString("{" + strings.Join(labels, ",") + "}")
	}
	b.WriteString(" " + value + "\n")
}

// pairs leaves out empty values, which Prometheus takes for absent.
func pairs(names, values []string) []string {
	list := make([]string, 0, len(names)+1)
	for i, name := range names {
		if values[i] != "" {
			list = append(list, pair(name, values[i]))
		}
	}
	return list
}

func pair(name, value string) string { return name + `="` + escape(value, `\`, "\n", `"`) + `"` }

// escape puts a backslash before each of the characters. A line feed becomes \n.
func escape(text string, characters ...string) string {
	var swaps []string
	for _, c := range characters {
		swaps = append(swaps, c, `\`+strings.ReplaceAll(c, "\n", "n"))
	}
	return strings.NewReplacer(swaps...).Replace(text)
}

func bound(i int) string {
	if bounds := metric.Bounds(); i < len(bounds) {
		return strconv.FormatFloat(bounds[i], 'g', -1, 64)
	}
	return "+Inf"
}

// decimal returns n units of the given decimal place exactly: 1500 at 3 digits is 1.5.
func decimal(n int64, digits int) string {
	text := fmt.Sprintf("%0*d", digits+1, n)
	point := len(text) - digits
	return strings.TrimSuffix(strings.TrimRight(text[:point]+"."+text[point:], "0"), ".")
}
