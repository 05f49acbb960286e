package breaker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the part of the DynamoDB client that a Breaker calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Config of a Breaker. Zero values take the defaults that stand behind them.
type Config struct {
	Table        string
	Name         string        // of the dependency
	Percent      int64         // of the calls in a window: so many failures open it; 50
	MinCalls     int64         // fewer in a window say nothing; 10
	InFlight     int64         // calls that one process may have under way; 16
	Window       time.Duration // that calls are counted over, rolling; 10 s
	Slow         time.Duration // a call that runs for so long counts as failed meanwhile; 2 s
	OpenFor      time.Duration // from opening to the first probe; 30 s
	ProbeTimeout time.Duration // after which a probe that was not heard of is given up; 10 s: twice what a call may take
	CacheTTL     time.Duration // how long a state that was read is believed; 500 ms
	// OnReject is told of each call that was refused since InFlight are under way.
	OnReject func(ctx context.Context, name string)
}

func (c *Config) fill() {
	for d, fallback := range map[*time.Duration]time.Duration{
		&c.Window: 10 * time.Second, &c.Slow: 2 * time.Second, &c.OpenFor: 30 * time.Second,
		&c.ProbeTimeout: 10 * time.Second, &c.CacheTTL: 500 * time.Millisecond,
	} {
		if *d == 0 {
			*d = fallback
		}
	}
	for n, fallback := range map[*int64]int64{&c.Percent: 50, &c.MinCalls: 10, &c.InFlight: 16} {
		if *n == 0 {
			*n = fallback
		}
	}
}

// OpenError says that a call was not let through, and nothing was sent.
type OpenError struct {
	Name       string
	RetryAfter time.Duration
}

// Error implements error.
func (e *OpenError) Error() string {
	return fmt.Sprintf("the breaker of %s is open for another %s", e.Name, e.RetryAfter)
}

// Breaker is one process's view of a dependency's breaker.
type Breaker struct {
	db  API
	cfg Config
	now func() time.Time

	mu       sync.Mutex
	seen     Snapshot
	seenAt   int64 // Unix milliseconds
	asked    int64 // calls to the table that were begun
	answered int64 // the latest of them whose answer was taken in
	inFlight int64
	calls    int64 // that went well and were not reported
	since    int64 // when their count began, Unix milliseconds
}

// New returns a Breaker over the item BREAKER#name.
func New(db API, cfg Config, now func() time.Time) *Breaker {
	cfg.fill()
	return &Breaker{db: db, cfg: cfg, now: now}
}

// ms is the wall clock's: a process that was frozen must not take for fresh what it
// saw before, though its monotonic clock may have stood still.
func (b *Breaker) ms() int64 { return b.now().UnixMilli() }

// State reads the state unless a fresh one is known. It is meant to run beside a
// call that is made anyway, under a limit of its own. An unreadable state counts as
// closed, unless it was last seen open and its time is not up.
func (b *Breaker) State(ctx context.Context) Snapshot {
	s, fresh := b.known()
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
	asked := b.ask()
	out, err := b.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &b.cfg.Table, Key: b.key(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return Snapshot{}, fmt.Errorf("read the breaker of %s: %w", b.cfg.Name, err)
	}
	return b.learn(asked, out.Item), nil
}

func (b *Breaker) known() (Snapshot, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := b.ms() - b.seenAt
	return b.seen, age >= 0 && age < b.cfg.CacheTTL.Milliseconds()
}

// ask numbers a call to the table, so that answers which overtake each other do not
// bring an older state back.
func (b *Breaker) ask() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	return b.asked
}

// learn takes in what the table said of the item, and returns the latest that it
// said. An empty item has never opened.
func (b *Breaker) learn(asked int64, item dynamo.Item) Snapshot {
	s := decode(item)
	b.mu.Lock()
	defer b.mu.Unlock()
	if asked < b.answered {
		return b.seen
	}
	if s.Generation != b.seen.Generation {
		b.calls = 0 // they were another generation's
	}
	b.seen, b.seenAt, b.answered = s, b.ms(), asked
	return s
}
