package breaker

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// States.
const (
	Closed = "CLOSED"
	Open   = "OPEN"
)

// Automatic is the ChangedBy of a state that no operator changed.
const Automatic = "automatic"

// Snapshot is the breaker as the table holds it. Times are Unix milliseconds.
type Snapshot struct {
	State      string `dynamodbav:"state"`
	Generation int64  `dynamodbav:"generation"`
	Until      int64  `dynamodbav:"open_until"` // when an open breaker permits a probe
	ProbeUntil int64  `dynamodbav:"probe_until"`
	Window     int64  `dynamodbav:"window"` // number of the current window
	Calls      int64  `dynamodbav:"calls"`
	Failures   int64  `dynamodbav:"failures"`
	LastCalls  int64  `dynamodbav:"last_calls"` // of the previous window
	LastFails  int64  `dynamodbav:"last_failures"`
	Forced     bool   `dynamodbav:"forced"` // an operator holds the breaker in its state
	ChangedAt  int64  `dynamodbav:"changed_at"`
	ChangedBy  string `dynamodbav:"changed_by"` // Automatic, or the operator who forced it
	Reason     string `dynamodbav:"reason"`
}

// Phase is the state as an observer sees it. Its numbers are the values of the breaker's gauge.
type Phase int

// Phases of a breaker.
const (
	PhaseClosed   Phase = 0
	PhaseHalfOpen Phase = 1 // a probe is due or running
	PhaseOpen     Phase = 2
)

// Phase returns the breaker's phase at a time.
func (s Snapshot) Phase(now time.Time) Phase {
	switch ms := now.UnixMilli(); {
	case s.State != Open:
		return PhaseClosed
	case s.Until <= ms || s.ProbeUntil > ms:
		return PhaseHalfOpen
	default:
		return PhaseOpen
	}
}

// Reader is the subset of the DynamoDB client that Read uses.
type Reader interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Read reads the breaker of a dependency, for observers that make no calls themselves. A
// breaker without an item has never had a failure and is closed.
func Read(ctx context.Context, db Reader, table, name string) (Snapshot, error) {
	out, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &table, Key: key(name), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Snapshot{}, fmt.Errorf("read circuit breaker %s: %w", name, err)
	}
	return decode(out.Item), nil
}

// decode returns a closed breaker for an item that it cannot decode.
func decode(item dynamo.Item) Snapshot {
	var s Snapshot
	if err := attributevalue.UnmarshalMap(item, &s); err != nil || s.State != Open {
		s.State = Closed
	}
	return s
}
