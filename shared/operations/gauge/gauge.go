// Package gauge reads the metrics that are states from their source of truth: sagas from
// the platform table's index of due sagas, messages from the queues, breakers from their
// items, the audit log from its batches, erasures from the list of those due. Nothing is scanned.
package gauge

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/metric"
)

// Reading is the value of one gauge. Labels are label values, in the catalogue's order.
type Reading struct {
	Name   string
	Labels []string
	Value  float64
}

// SQS is the subset of the SQS client that Reader uses.
type SQS interface {
	GetQueueAttributes(
		context.Context,
		*sqs.GetQueueAttributesInput,
		...func(*sqs.Options),
	) (*sqs.GetQueueAttributesOutput, error)
}

// Queue is a queue to read.
type Queue struct {
	Name, URL string
	DLQ       bool // a dead letter queue
}

// maxCounted bounds how many sagas of each shard are counted.
const maxCounted = 10_000

// Config of a Reader. Zero values mean the defaults noted on each field.
type Config struct {
	Table      string   // the platform table
	DueShards  int      // see saga.Config
	AuditTable string   // that of the audit log
	KeysTable  string   // that of erasures
	Breakers   []string // dependencies that have a breaker
	Queues     []Queue
	CacheTTL   time.Duration // how long readings are reused; 1 s
	Timeout    time.Duration // bound of one read of all gauges; 3 s
}

// Reader reads all gauges at once.
type Reader struct {
	db       API
	sagas    *saga.Store
	audit    *audit.Log
	erasures *erasure.Store
	sqs      SQS
	cfg      Config
	now      func() time.Time

	mu   sync.Mutex // serializes reads; concurrent callers share the result
	last []Reading
	at   time.Time
}

// API is the subset of the DynamoDB client that Reader uses.
type API interface {
	saga.API
	audit.API
}

// New returns a Reader.
func New(db API, queues SQS, cfg Config, now func() time.Time) *Reader {
	cfg.CacheTTL, cfg.Timeout = cmp.Or(cfg.CacheTTL, time.Second), cmp.Or(cfg.Timeout, 3*time.Second)
	return &Reader{
		db: db, sagas: saga.Open(db, saga.Config{Table: cfg.Table, DueShards: cfg.DueShards}, now),
		audit:    audit.New(db, audit.Config{Table: cfg.AuditTable, Now: now}),
		erasures: erasure.NewStore(db, erasure.Config{Table: cfg.KeysTable, Now: now}), sqs: queues, cfg: cfg, now: now,
	}
}

// Names of the sources, as Read reports those that failed.
const (
	Sagas    = "sagas"
	Queues   = "queues"
	Breakers = "breakers"
	Audit    = "audit"
	Erasures = "erasures"
)

// Read returns the gauges that could be read and the sources that could not, within the
// timeout. A name may be repeated: once for each failed queue or breaker.
func (r *Reader) Read(ctx context.Context) (readings []Reading, failed []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := r.now().Sub(r.at); age >= 0 && age < r.cfg.CacheTTL {
		return r.last, nil
	}
	// The readings are shared, so the read does not end with the first caller.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Timeout)
	defer cancel()
	r.last, failed = r.all(ctx)
	r.at = r.now()
	return r.last, failed
}

type source struct {
	name string
	read func(context.Context) ([]Reading, error)
}

func (r *Reader) sources() []source {
	list := []source{{Sagas, r.readSagas}, {Audit, r.readAudit}, {Erasures, r.readErasures}}
	for _, name := range r.cfg.Breakers {
		list = append(list, source{Breakers, func(ctx context.Context) ([]Reading, error) { return r.breaker(ctx, name) }})
	}
	for _, q := range r.cfg.Queues {
		list = append(list, source{Queues, func(ctx context.Context) ([]Reading, error) { return r.queue(ctx, q) }})
	}
	return list
}

// all reads the sources concurrently: one that hangs does not hide the others.
func (r *Reader) all(ctx context.Context) (readings []Reading, failed []string) {
	list := r.sources()
	found, errs := make([][]Reading, len(list)), make([]error, len(list))
	var wg sync.WaitGroup
	for i, s := range list {
		wg.Go(func() { found[i], errs[i] = s.read(ctx) })
	}
	wg.Wait()
	for i, s := range list {
		if errs[i] != nil {
			failed = append(failed, s.name)
		}
	}
	return slices.Concat(found...), failed
}

func (r *Reader) readSagas(ctx context.Context) ([]Reading, error) {
	stats, err := r.sagas.Stats(ctx, maxCounted)
	if err != nil {
		return nil, err
	}
	return []Reading{
		{Name: metric.SagaInFlight, Value: float64(stats.InFlight)},
		{Name: metric.SagaStuck, Value: float64(stats.Stuck)},
		{Name: metric.SagaOldest, Value: stats.Oldest.Seconds()},
	}, nil
}
