package limit

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Attributes of the item, as row decodes them.
const (
	attrTAT       = "tat"
	attrTTL       = "ttl"
	attrKeepUntil = "keep_until" // the ttl of an item with a rate of its own
	attrPerSecond = "per_second"
	attrBurst     = "burst"
	attrChangedAt = "changed_at"
	attrChangedBy = "changed_by"
	attrReason    = "reason"
)

// idle is how long the item of a key is kept that makes no requests.
const idle = time.Hour

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	dynamo.Updater
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Store keeps the state of each key in an item RATE#<key>.
type Store struct {
	db    API
	table string
	now   func() time.Time
}

// NewStore returns a Store. The clock dates the acts of operators.
func NewStore(db API, table string, now func() time.Time) *Store {
	return &Store{db: db, table: table, now: now}
}

// State is a key as the table holds it.
type State struct {
	TAT       time.Time // theoretical arrival time; zero without requests
	Override  Rate      // that an operator set; zero for the policy's
	ChangedAt time.Time
	ChangedBy string
	Reason    string
}

// InForce returns the rate that an operator set; standard if there is none within bounds.
func (s State) InForce(standard Rate) Rate {
	if s.Override.Validate() == nil {
		return s.Override
	}
	return standard
}

// Remaining returns how many requests are admitted at once under a rate.
func (s State) Remaining(r Rate, now time.Time) int { return r.left(s.TAT, now) }

// Read returns the state of a key. One without an item has made no requests lately.
func (s *Store) Read(ctx context.Context, key string) (State, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: itemKey(key), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return State{}, fmt.Errorf("read the rate of %s: %w", key, err)
	}
	return decode(out.Item)
}

// row is the item.
type row struct {
	TAT       int64  `dynamodbav:"tat"` // Unix nanoseconds
	PerSecond int    `dynamodbav:"per_second"`
	Burst     int    `dynamodbav:"burst"`
	ChangedAt int64  `dynamodbav:"changed_at"` // Unix milliseconds
	ChangedBy string `dynamodbav:"changed_by"`
	Reason    string `dynamodbav:"reason"`
}

func decode(item dynamo.Item) (State, error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return State{}, fmt.Errorf("decode a rate: %w", err)
	}
	s := State{Override: Rate{r.PerSecond, r.Burst}, ChangedBy: r.ChangedBy, Reason: r.Reason}
	if r.TAT != 0 {
		s.TAT = time.Unix(0, r.TAT)
	}
	if r.ChangedAt != 0 {
		s.ChangedAt = time.UnixMilli(r.ChangedAt)
	}
	return s, nil
}

func itemKey(key string) dynamo.Item { return dynamo.Key("RATE#"+key, "RATE") }
