package collector

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// Config of a Collector. Zero values mean the defaults noted on each field.
type Config struct {
	Log          string        // file whose lines are read
	MaxSeries    int           // of each metric, without the overflow series; default 1,000
	DedupeWindow time.Duration // a batch's id is remembered at least so long; default 1 h
	MaxIDs       int           // half of the ids that are remembered; default 500,000
	InstanceTTL  time.Duration // an instance that is silent for longer is gone; default 5 min
	// Gauges reads the gauges of the system, and names the sources that it could not read.
	// It must return in bounded time. Default: none.
	Gauges func(context.Context) (readings []gauge.Reading, missing []string)
}

// maxInstances is above the default concurrency of an AWS account.
const maxInstances = 10_000

// Collector adds up batches.
type Collector struct {
	cfg Config
	now func() time.Time

	reading sync.Mutex // held while the log is read
	log     tail

	mu        sync.Mutex
	sums      *sums
	seen      *dedupe
	instances *instances
}

// New returns a Collector. It reads the log when CatchUp is called or the metrics are
// requested.
func New(cfg Config, now func() time.Time) *Collector {
	cfg.MaxSeries, cfg.MaxIDs = cmp.Or(cfg.MaxSeries, 1000), cmp.Or(cfg.MaxIDs, 500_000)
	cfg.DedupeWindow, cfg.InstanceTTL = cmp.Or(cfg.DedupeWindow, time.Hour), cmp.Or(cfg.InstanceTTL, 5*time.Minute)
	if cfg.Gauges == nil {
		cfg.Gauges = func(context.Context) ([]gauge.Reading, []string) { return nil, nil }
	}
	return &Collector{
		cfg: cfg, now: now, log: tail{path: cfg.Log},
		sums:      newSums(cfg.MaxSeries, append(metric.Catalogue(), selfMetrics()...)),
		seen:      &dedupe{window: cfg.DedupeWindow, limit: cfg.MaxIDs},
		instances: &instances{ttl: cfg.InstanceTTL, limit: maxInstances, reports: map[string]report{}},
	}
}

// Close closes the log.
func (c *Collector) Close() error { return c.log.close() }

// CatchUp reads the log to its end.
func (c *Collector) CatchUp() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.log.read(c.addLine)
}

// addLine adds the batch of a line, unless it was added before.
func (c *Collector) addLine(line []byte) {
	b := parseBatch(line)
	if b == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen.has(b.ID) {
		c.count(batches, "outcome", repeated)
		return
	}
	c.seen.add(b.ID, c.now())
	c.count(batches, "outcome", added)
	c.add(b)
}

func (c *Collector) add(b *batch) {
	for _, d := range b.Deltas {
		if reason := c.sums.add(d); reason != "" {
			c.count(refused, "reason", reason)
		}
	}
	if len(b.Gauges) > 0 && !c.instances.update(b.Instance, time.UnixMilli(b.At), c.now(), b.Gauges) {
		c.count(refused, "reason", overflown)
	}
}

func (c *Collector) count(name, label, value string) {
	c.sums.add(delta{Name: name, Labels: map[string]string{label: value}, Value: 1})
}

// write writes all metrics as Prometheus text.
func (c *Collector) write(w io.Writer, readings []gauge.Reading, missing []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, source := range missing {
		c.count(gaugeErrors, "source", source)
	}
	return c.sums.write(w, slices.Concat(readings, c.instances.readings(c.now())))
}
