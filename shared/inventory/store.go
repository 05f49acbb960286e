package inventory

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/resilience"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config configures a Store. Zero values mean the defaults noted on each field.
type Config struct {
	Table string
	// Retention is how long a RELEASED or SOLD barrier is kept. Default 35 days, minimum 30:
	// it must outlast every late delivery. A message may wait 14 days in its queue and 14
	// more in the dead-letter queue; an execution may be redriven for 14 days. A RESERVED
	// barrier never expires: it is the only record of what to release.
	Retention time.Duration
	// Attempts bounds the attempts at a write that meets other writes or whose reply is
	// lost. Default 30. The context's deadline may end them earlier.
	Attempts int
	// Patience bounds how long Reserve waits for stock items that other writes hold, before it
	// refuses the saga. Default 1.5 s, which is shorter than what the caller's breaker takes for slow.
	Patience time.Duration
}

const (
	day              = 24 * time.Hour
	defaultRetention = 35 * day
	minRetention     = 30 * day
	defaultAttempts  = 30
	defaultPatience  = 1500 * time.Millisecond
)

// maxTransaction is DynamoDB's limit of items in a transaction.
const maxTransaction = 100

// skusPerChunk leaves room for two barriers in a transaction.
const skusPerChunk = maxTransaction - 2

// Bounds of the waits between attempts.
const (
	firstBackoff = 5 * time.Millisecond
	lastBackoff  = 200 * time.Millisecond
)

// Store keeps stock and barriers in one table. In memory it has no more than hints.
type Store struct {
	db         API
	cfg        Config
	now        func() time.Time
	chunkSize  int // SKUs in a chunk
	shardCount int // shards of a SKU that is split
	hot        *hot
}

// New returns a Store. The clock only determines when barriers expire.
func New(db API, cfg Config, now func() time.Time) *Store {
	cfg.Retention = max(cmp.Or(cfg.Retention, defaultRetention), minRetention)
	cfg.Attempts = cmp.Or(cfg.Attempts, defaultAttempts)
	cfg.Patience = cmp.Or(cfg.Patience, defaultPatience)
	return &Store{
		db: db, cfg: cfg, now: now, chunkSize: skusPerChunk, shardCount: shardCount, hot: &hot{all: map[owned]bool{}},
	}
}

// transact writes all items or none. It retries when nothing was written and when the outcome
// is unknown: every transaction of this package is refused by its own barrier if it has
// landed before.
func (s *Store) transact(ctx context.Context, items []types.TransactWriteItem) error {
	return s.persist(ctx, s.transaction(ctx, items))
}

func (s *Store) transaction(ctx context.Context, items []types.TransactWriteItem) func() error {
	return func() error {
		_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}
}

// persist retries a write that recognizes its own repetition.
func (s *Store) persist(ctx context.Context, write func() error) error {
	_, err := s.retry(ctx, write)
	return err
}

// errOvertaken means that another write came between a reading and a write that depends on it.
var errOvertaken = errors.New("the stock was changed by another writer")

// retry retries a write until patience ends. contended means that other writes refused or overtook each
// attempt, so that nothing was written.
func (s *Store) retry(patience context.Context, write func() error) (contended bool, err error) {
	backoff := resilience.Backoff{First: firstBackoff, Last: lastBackoff}
	contended = true
	for attempt := 1; ; attempt++ {
		err := write()
		if !dynamo.Contended(err) && !dynamo.OutcomeUnknown(err) && !errors.Is(err, errOvertaken) {
			return false, err
		}
		contended = contended && (dynamo.Contended(err) || errors.Is(err, errOvertaken))
		if attempt == s.cfg.Attempts {
			return contended, busy(err)
		}
		if ended := backoff.Wait(patience); ended != nil {
			return contended, errors.Join(ended, err)
		}
	}
}

// busy does not mean that nothing was written: an earlier attempt may have landed.
func busy(err error) error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "stock_busy", Message: "the stock records are busy; send the same request again",
		Retryable: true, RetryAfter: time.Second, Cause: err,
	}
}
