// Package gauge reads the metrics that are states, each from where the truth is, when
// somebody asks: sagas from the platform table's index of those that are due, messages
// from the queues, breakers from their items. Nothing is scanned.
package gauge

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/metric"
)

// Reading of one gauge. Labels are values, in the order of the catalogue.
type Reading struct {
	Name   string
	Labels []string
	Value  float64
}

// DB is the part of the DynamoDB client that a Reader calls.
type DB interface {
	saga.Reader
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// SQS is the part of the client that a Reader calls.
type SQS interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Queue to be read; a dead one holds what was given up.
type Queue struct {
	Name, URL string
	DLQ       bool
}

// Config of a Reader. Zero durations take the defaults that stand behind them.
type Config struct {
	Table    string   // of the platform
	Breakers []string // dependencies behind one
	Queues   []Queue
	CacheTTL time.Duration // how long readings serve others who ask; 1 s
	Timeout  time.Duration // what all of them may take; 3 s
}

// Reader reads all gauges at once.
type Reader struct {
	db  DB
	sqs SQS
	cfg Config
	now func() time.Time

	mu   sync.Mutex // held while it reads: who asks meanwhile waits for the answer
	last []Reading
	at   time.Time
}

// New returns a Reader.
func New(db DB, queues SQS, cfg Config, now func() time.Time) *Reader {
	if cfg.CacheTTL == 0 {
		cfg.CacheTTL = time.Second
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 3 * time.Second
	}
	return &Reader{db: db, sqs: queues, cfg: cfg, now: now}
}

// Names of what is asked, for those that fail.
const (
	Sagas    = "sagas"
	Queues   = "queues"
	Breakers = "breakers"
)

// Read returns what could be read, and the names of what could not, once for each
// time that it was asked. It ends within the limit.
func (r *Reader) Read(ctx context.Context) (readings []Reading, failed []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := r.now().Sub(r.at); age >= 0 && age < r.cfg.CacheTTL {
		return r.last, nil
	}
	// What is read serves others too: it does not end with who asked first.
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
	list := []source{{Sagas, r.sagas}}
	for _, name := range r.cfg.Breakers {
		list = append(list, source{Breakers, func(ctx context.Context) ([]Reading, error) { return r.breaker(ctx, name) }})
	}
	for _, q := range r.cfg.Queues {
		list = append(list, source{Queues, func(ctx context.Context) ([]Reading, error) { return r.queue(ctx, q) }})
	}
	return list
}

// all asks side by side: one that hangs does not hide the others.
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

func (r *Reader) sagas(ctx context.Context) ([]Reading, error) {
	c, err := saga.Count(ctx, r.db, r.cfg.Table, r.now())
	if err != nil {
		return nil, err
	}
	return []Reading{
		{Name: metric.SagaInFlight, Value: float64(c.InFlight)},
		{Name: metric.SagaStuck, Value: float64(c.Stuck)},
		{Name: metric.SagaOldest, Value: c.Oldest.Seconds()},
	}, nil
}
