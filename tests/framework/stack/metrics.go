package stack

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Metrics are the samples of a Prometheus text, by name and labels as written there.
type Metrics map[string]float64

// Metrics reads the metrics of the whole fleet.
func (s *Stack) Metrics(ctx context.Context) (Metrics, error) { return ReadMetrics(ctx, s.URL) }

// ReadMetrics reads /metrics below url.
func ReadMetrics(ctx context.Context, url string) (Metrics, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s/metrics: %s", url, resp.Status)
	}
	if err != nil {
		return nil, err
	}
	m := Metrics{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if at := strings.LastIndexByte(lines.Text(), ' '); at > 0 && lines.Text()[0] != '#' {
			if m[lines.Text()[:at]], err = strconv.ParseFloat(lines.Text()[at+1:], 64); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// Total adds the samples of a metric that have all these labels, each given as
// name="value".
func (m Metrics) Total(name string, labels ...string) float64 {
	total := 0.0
	for sample, value := range m {
		own, matches := labelsOf(sample, name)
		for _, l := range labels {
			matches = matches && strings.Contains(own, l)
		}
		if matches {
			total += value
		}
	}
	return total
}

// Has reports whether a metric has a sample.
func (m Metrics) Has(name string) bool {
	for sample := range m {
		if _, its := labelsOf(sample, name); its {
			return true
		}
	}
	return false
}

// labelsOf returns the labels of a sample if it belongs to the metric.
func labelsOf(sample, name string) (labels string, its bool) {
	labels, its = strings.CutPrefix(sample, name)
	return labels, its && (labels == "" || labels[0] == '{')
}
