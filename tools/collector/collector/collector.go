package collector

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// Config of a Collector. Zero values take the defaults that stand behind them.
type Config struct {
	Log          string        // file whose lines are read; none: OTLP alone
	Journal      string        // file that keeps what came by OTLP; needed
	Series       int           // of each metric at most, the overflow series not counted; 1,000
	DedupeWindow time.Duration // how long a batch's id is known, at least; 1 h
	MaxIDs       int           // known at most, twice; 500,000
	InstanceTTL  time.Duration // after which an instance counts as gone; 5 min
	// Gauges reads what is asked for and not summed; names of what could not be read
	// come beside it. It must end by itself in good time.
	Gauges func(context.Context) (readings []gauge.Reading, missing []string)
}

// maxInstances are more than an account runs side by side by default.
const maxInstances = 10_000

// Collector sums batches.
type Collector struct {
	cfg Config
	now func() time.Time

	reading sync.Mutex // held while the log is read on
	log     tail

	mu      sync.Mutex
	sums    *sums
	seen    *dedupe
	live    *instances
	journal *journal
}

// Open reads the journal. One process at a time may have it open. The log is read
// when CatchUp or a request for the metrics asks for it.
func Open(cfg Config, now func() time.Time) (*Collector, error) {
	cfg.Series, cfg.MaxIDs = orElse(cfg.Series, 1000), orElse(cfg.MaxIDs, 500_000)
	cfg.DedupeWindow, cfg.InstanceTTL = orElse(cfg.DedupeWindow, time.Hour), orElse(cfg.InstanceTTL, 5*time.Minute)
	if cfg.Gauges == nil {
		cfg.Gauges = func(context.Context) ([]gauge.Reading, []string) { return nil, nil }
	}
	c := &Collector{
		cfg: cfg, now: now, log: tail{path: cfg.Log},
		sums: newSums(cfg.Series, append(metric.Catalogue(), selfMetrics()...)),
		seen: &dedupe{age: cfg.DedupeWindow, limit: cfg.MaxIDs},
		live: &instances{keep: cfg.InstanceTTL, limit: maxInstances, instances: map[string]report{}},
	}
	var err error
	c.journal, err = openJournal(cfg.Journal, c.addLine)
	return c, err
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Close gives the files back.
func (c *Collector) Close() error { return errors.Join(c.log.close(), c.journal.file.Close()) }

// CatchUp reads the log to its end.
func (c *Collector) CatchUp() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.log.read(c.addLine)
}

// addLine adds what a line of the log or of the journal holds.
func (c *Collector) addLine(line []byte) {
	b := fromLine(line)
	if b == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen.has(b.ID) {
		c.count(batches, "outcome", repeated)
		return
	}
	c.add(*b)
}

// accept takes a batch that came over the network, recorded when the newest of its
// points says. It is kept before it is added, and added before it is answered.
func (c *Collector) accept(b Batch, recorded time.Time) (outcome string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen.has(b.ID) {
		return repeated, nil
	}
	if c.seen.forgotten(recorded, c.now()) {
		return expired, errExpired
	}
	if err := c.journal.keep(b); errors.Is(err, errUnfit) {
		return refused, err
	} else if err != nil {
		return failed, errNotKept
	}
	c.add(b)
	return added, nil
}

func (c *Collector) add(b Batch) {
	c.seen.add(b.ID, c.now())
	c.count(batches, "outcome", added)
	for _, d := range b.Deltas {
		if why := c.sums.add(d); why != "" {
			c.count(Refused, "reason", why)
		}
	}
	if len(b.Said) > 0 && !c.live.tell(b.Instance, time.UnixMilli(b.At), c.now(), b.Said) {
		c.count(Refused, "reason", overflown)
	}
}

// tell counts a batch that was not added.
func (c *Collector) tell(outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(batches, "outcome", outcome)
}

func (c *Collector) count(name, label, value string) {
	c.sums.add(Delta{Name: name, Labels: map[string]string{label: value}, Value: 1})
}

// write shows everything as Prometheus text.
func (c *Collector) write(w io.Writer, readings []gauge.Reading, missing []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, source := range missing {
		c.count(GaugeErrors, "source", source)
	}
	return c.sums.write(w, slices.Concat(readings, c.live.readings(c.now())))
}
