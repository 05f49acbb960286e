package breaker

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Breaker uses.
type API interface {
	Reader
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Config configures a Breaker. Zero values mean the defaults noted on each field.
type Config struct {
	Table        string
	Name         string        // the dependency
	Percent      int64         // share of failed calls in a window that opens the breaker; default 50
	MinCalls     int64         // calls in a window below which the breaker stays closed; default 10
	InFlight     int64         // maximum of concurrent calls per process; default 16
	Window       time.Duration // rolling window over which calls are counted; default 10 s
	Slow         time.Duration // running time after which a call counts as failed; default 2 s
	OpenFor      time.Duration // time from opening to the first probe; default 30 s
	ProbeTimeout time.Duration // time after which a probe may be replaced; default 10 s, twice a call's timeout
	CacheTTL     time.Duration // how long a state read from the table is reused; default 500 ms
	// OnReject is called for each call that is rejected because InFlight calls are running.
	OnReject func(ctx context.Context, name string)
}

func (c Config) withDefaults() Config {
	c.Percent = cmp.Or(c.Percent, 50)
	c.MinCalls = cmp.Or(c.MinCalls, 10)
	c.InFlight = cmp.Or(c.InFlight, 16)
	c.Window = cmp.Or(c.Window, 10*time.Second)
	c.Slow = cmp.Or(c.Slow, 2*time.Second)
	c.OpenFor = cmp.Or(c.OpenFor, 30*time.Second)
	c.ProbeTimeout = cmp.Or(c.ProbeTimeout, 10*time.Second)
	c.CacheTTL = cmp.Or(c.CacheTTL, 500*time.Millisecond)
	return c
}

// OpenError is returned when a call is rejected. No request was sent.
type OpenError struct {
	Name       string
	RetryAfter time.Duration
}

// Error implements error.
func (e *OpenError) Error() string {
	return fmt.Sprintf("circuit breaker %s is open, retry in %s", e.Name, e.RetryAfter)
}

// Breaker is one process's view of a dependency's breaker. It is safe for concurrent use.
type Breaker struct {
	db  API
	cfg Config
	now func() time.Time

	mu           sync.Mutex
	cached       Snapshot
	cachedAt     int64 // Unix milliseconds
	lastCall     int64 // number of the latest call to the table
	lastApplied  int64 // number of the latest call whose result is cached
	inFlight     int64
	successes    int64 // counted in memory and not written
	countedSince int64 // when that count began, Unix milliseconds
}

// New returns a Breaker over the item BREAKER#name.
func New(db API, cfg Config, now func() time.Time) *Breaker {
	return &Breaker{db: db, cfg: cfg.withDefaults(), now: now}
}

// ms returns the wall clock in Unix milliseconds. The monotonic clock may stand still while
// the process is frozen, and a cached state would look fresh.
func (b *Breaker) ms() int64 { return b.now().UnixMilli() }

// State returns the cached state while it is fresh and reads it otherwise. Callers run it
// concurrently with other work and limit its time by ctx. An unreadable state counts as
// closed, unless the breaker was last seen open and its open time has not passed.
func (b *Breaker) State(ctx context.Context) Snapshot {
	s, fresh := b.cachedState()
	if fresh {
		return s
	}
	if read, err := b.Read(ctx); err == nil {
		return read
	}
	if s.Until <= b.ms() {
		s.State = Closed
	}
	return s
}

// Read reads the state from the table.
func (b *Breaker) Read(ctx context.Context) (Snapshot, error) {
	call := b.nextCall()
	s, err := Read(ctx, b.db, b.cfg.Table, b.cfg.Name)
	if err != nil {
		return Snapshot{}, err
	}
	return b.apply(call, s), nil
}

func (b *Breaker) cachedState() (s Snapshot, fresh bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := b.ms() - b.cachedAt
	return b.cached, age >= 0 && age < b.cfg.CacheTTL.Milliseconds()
}

// nextCall numbers the calls to the table, so that a result which arrives late does not
// replace a newer one.
func (b *Breaker) nextCall() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastCall++
	return b.lastCall
}

// apply caches the result of a call unless a newer one is cached, and returns the newer.
func (b *Breaker) apply(call int64, s Snapshot) Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	if call < b.lastApplied {
		return b.cached
	}
	if s.Generation != b.cached.Generation {
		b.successes = 0 // they belong to the generation before
	}
	b.cached, b.cachedAt, b.lastApplied = s, b.ms(), call
	return s
}

// key returns the primary key of a dependency's breaker.
func key(name string) dynamo.Item { return dynamo.Key("BREAKER#"+name, "STATE") }
