package erasure

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/resilience"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	dynamo.Transactor
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// keys are the keys of buyers.
type keys interface {
	State(ctx context.Context, merchant, subject string) (privacy.State, error)
	EndKey(merchant, subject, keyID string, at time.Time) ([]types.TransactWriteItem, error)
	KeepKey(merchant, subject, keyID string) ([]types.TransactWriteItem, error)
	DropEnded(ctx context.Context, merchant, subject, keyID string) ([]types.TransactWriteItem, error)
}

// acts record administrative acts. An act is recorded before it takes effect, so that no effect lacks
// its entry; an act that is refused at the last moment may have one.
type acts interface {
	Record(ctx context.Context, act events.Act) error
}

// Config is what a Store needs.
type Config struct {
	Table string // of the keys
	Keys  keys
	Acts  acts
	Now   func() time.Time
}

// Store keeps erasures and holds in the keys table.
type Store struct {
	db API
	Config
}

// NewStore returns a Store.
func NewStore(db API, c Config) *Store { return &Store{db: db, Config: c} }

const (
	holdPrefix    = "HOLD#"
	pendingPrefix = "PENDING#"
	guardSK       = "GUARD"
)

func erasureKey(merchant, id string) dynamo.Item { return dynamo.Key("ERASURES#"+merchant, id) }

func holdsPK(merchant string) string { return "HOLDS#" + merchant }

func guardKey(merchant string) dynamo.Item { return dynamo.Key(holdsPK(merchant), guardSK) }

// guard reads the version of a merchant's holds; 0 before the first. A decision by the holds reads it
// before them.
func (s *Store) guard(ctx context.Context, merchant string) (int64, error) {
	item, err := s.read(ctx, guardKey(merchant))
	if err != nil || len(item) == 0 {
		return 0, err
	}
	return strconv.ParseInt(dynamo.Number(item["version"]), 10, 64)
}

// unchanged is the condition that no hold was put or lifted since the version was read.
func unchanged(version int64) expression.ConditionBuilder {
	if version == 0 {
		return dynamo.Absent()
	}
	return expression.Name("version").Equal(expression.Value(version))
}

// checkGuard returns the item of a transaction that requires the version of the holds.
func (s *Store) checkGuard(merchant string, version int64) (types.TransactWriteItem, error) {
	return dynamo.TransactCheck(s.Table, guardKey(merchant), unchanged(version))
}

// raiseGuard returns the item of a transaction that requires and raises the version of the holds.
func (s *Store) raiseGuard(merchant string, version int64) (types.TransactWriteItem, error) {
	return dynamo.TransactUpdate(s.Table, guardKey(merchant),
		expression.Set(expression.Name("version"), expression.Value(version+1)), unchanged(version))
}

func (s *Store) read(ctx context.Context, key dynamo.Item) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.Table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read an item of erasures: %w", err)
	}
	return out.Item, nil
}

// list reads the items of a merchant's holds with a prefix, strongly consistent.
func list[T any](ctx context.Context, s *Store, merchant, prefix string) ([]T, error) {
	return query[T](ctx, s, expression.Key("pk").Equal(expression.Value(holdsPK(merchant))).
		And(expression.Key("sk").BeginsWith(prefix)))
}

func (s *Store) put(row any, condition expression.ConditionBuilder) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return dynamo.TransactPut(s.Table, item, condition)
}

// putAlways returns the item of a transaction whose other items have the conditions.
func (s *Store) putAlways(row any) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(row)
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.Table, Item: item}}, err
}

// maxAttempts bounds the attempts at a decision. Each failed one means that another request decided
// something about the same merchant, or that a reply was lost.
const maxAttempts = 8

// decide calls try until its transaction lands, or has become needless. try reads everything again,
// so that it finds what a transaction did whose reply was lost.
func decide(ctx context.Context, try func() error) error {
	pause := resilience.Backoff{First: 10 * time.Millisecond, Last: 200 * time.Millisecond}
	var err error
	for range maxAttempts {
		if err = try(); !errors.Is(err, errOvertaken) {
			return err
		}
		if pause.Wait(ctx) != nil {
			break
		}
	}
	return &problem.Error{
		Kind: problem.Unavailable, Code: "temporarily_unavailable", Retryable: true, RetryAfter: time.Second,
		Message: "other requests about this merchant's buyers are in the way; try again", Cause: err,
	}
}

// errOvertaken is the outcome of a transaction that must be decided again.
var errOvertaken = errors.New("a decision was overtaken")

// write sends a transaction. Error: errOvertaken if it was refused, or may have landed.
func (s *Store) write(ctx context.Context, items []types.TransactWriteItem) error {
	err := dynamo.Transact(ctx, s.db, items...)
	if err == nil {
		return nil
	}
	if dynamo.CancellationReasons(err) != nil || dynamo.OutcomeUnknown(err) || dynamo.Contended(err) {
		return fmt.Errorf("%w: %w", errOvertaken, err)
	}
	return err
}
