package inventory

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// API is the part of the DynamoDB client that a Store calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config of a Store. Zero values take the defaults that stand behind them.
type Config struct {
	Table string
	// Retention of a barrier that is RELEASED or SOLD; 35 days, and never under 30. It
	// must outlive every late delivery: a message may wait 14 days in its queue and
	// 14 more in the dead letter queue, an execution may be redriven for 14. A
	// RESERVED barrier never expires: it is the only record of what to give back.
	Retention time.Duration
	// Attempts at a write that meets others in flight, or whose reply is lost; 30.
	// The context's deadline ends them earlier.
	Attempts int
}

// Pauses between attempts grow from first to most, each drawn at random from zero.
const (
	firstPause = 5 * time.Millisecond
	mostPause  = 200 * time.Millisecond
)

const day = 24 * time.Hour

// skusInChunk leaves room in a transaction of 100 for two barriers.
const skusInChunk = 98

// Store keeps stock and barriers in one table. It holds no state of its own.
type Store struct {
	db    API
	cfg   Config
	now   func() time.Time
	chunk int // SKUs in a chunk
}

// New returns a Store. The clock only dates the expiry of barriers.
func New(db API, cfg Config, now func() time.Time) *Store {
	if cfg.Retention == 0 {
		cfg.Retention = 35 * day
	}
	cfg.Retention = max(cfg.Retention, 30*day)
	if cfg.Attempts == 0 {
		cfg.Attempts = 30
	}
	return &Store{db: db, cfg: cfg, now: now, chunk: skusInChunk}
}

// transact writes all items or none. It tries again where nothing was written,
// and also where that is unknown: every transaction of this package is refused
// by its own barrier when it has already landed.
func (s *Store) transact(ctx context.Context, items []types.TransactWriteItem) error {
	return s.persist(ctx, func() error {
		_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	})
}

// persist repeats a write that can be told from its own repetition.
func (s *Store) persist(ctx context.Context, write func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := write()
		if !dynamo.Contended(err) && !dynamo.OutcomeUnknown(err) {
			return err
		}
		if attempt == s.cfg.Attempts {
			return busy(err)
		}
		if ended := sleep(ctx, rand.N(pause)); ended != nil { //nolint:gosec // jitter is no secret
			return errors.Join(ended, err)
		}
		pause = min(2*pause, mostPause)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// busy does not say that nothing was written: an earlier attempt may have landed.
func busy(err error) error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "stock_busy", Message: "the stock records are busy",
		Retryable: true, RetryAfter: time.Second, Cause: err,
	}
}
