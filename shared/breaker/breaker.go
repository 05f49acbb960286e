package breaker

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/dynamo"
)

// API is the part of the DynamoDB client that a Breaker calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Config of a Breaker. Zero values take the defaults that stand behind them.
type Config struct {
	Table    string
	Name     string        // of the dependency
	MinCalls int64         // fewer in a window say nothing; 10
	Window   time.Duration // that calls are counted over, rolling; 10 s
	Reset    time.Duration // from opening to the first probe; 30 s
	Permit   time.Duration // after which a probe that was not heard of is given up; 6 s
	Fresh    time.Duration // how long a state that was read is believed; 500 ms
}

// States.
const (
	Closed = "CLOSED"
	Open   = "OPEN"
)

// State of the breaker as the table holds it. Times are Unix milliseconds.
type State struct {
	State      string `dynamodbav:"state"`
	Generation int64  `dynamodbav:"generation"`
	Until      int64  `dynamodbav:"open_until"` // when an open breaker lets a probe through
	ProbeUntil int64  `dynamodbav:"probe_until"`
	Window     int64  `dynamodbav:"window"` // number of the window that is counted
	Calls      int64  `dynamodbav:"calls"`
	Failures   int64  `dynamodbav:"failures"`
	LastCalls  int64  `dynamodbav:"last_calls"` // of the window before
	LastFails  int64  `dynamodbav:"last_failures"`
}

// OpenError says that a call was not let through.
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

	mu      sync.Mutex
	seen    State
	seenAt  time.Time
	calls   int64 // not reported yet
	flushed time.Time
}

// New returns a Breaker over the item BREAKER#name.
func New(db API, cfg Config, now func() time.Time) *Breaker {
	for d, fallback := range map[*time.Duration]time.Duration{
		&cfg.Window: 10 * time.Second, &cfg.Reset: 30 * time.Second,
		&cfg.Permit: 6 * time.Second, &cfg.Fresh: 500 * time.Millisecond,
	} {
		if *d == 0 {
			*d = fallback
		}
	}
	if cfg.MinCalls == 0 {
		cfg.MinCalls = 10
	}
	return &Breaker{db: db, cfg: cfg, now: now}
}

func (b *Breaker) key() dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "BREAKER#" + b.cfg.Name},
		"sk": &types.AttributeValueMemberS{Value: "STATE"},
	}
}

// Look reads the state unless a fresh one is known. It is meant to run beside a
// call that is made anyway. An unreadable state counts as closed.
func (b *Breaker) Look(ctx context.Context) State {
	if s, fresh := b.known(); fresh {
		return s
	}
	out, err := b.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &b.cfg.Table, Key: b.key(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return State{State: Closed}
	}
	return b.learn(out.Item)
}

func (b *Breaker) known() (State, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen, b.now().Sub(b.seenAt) < b.cfg.Fresh
}

func (b *Breaker) learn(item dynamo.Item) State {
	s := State{State: Closed}
	if err := attributevalue.UnmarshalMap(item, &s); err != nil {
		s = State{State: Closed}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen, b.seenAt = s, b.now()
	return s
}

// Permit is the right to make one call; Done must be told how it went.
type Permit struct {
	b          *Breaker
	generation int64
	probe      string // token of a probe; empty for a call through a closed breaker
}

// Admit lets a call through, or returns an *OpenError. Closed, and open before its
// time, it makes no call of its own.
func (b *Breaker) Admit(ctx context.Context) (Permit, error) {
	s := b.Look(ctx)
	if s.State != Open {
		return Permit{b: b, generation: s.Generation}, nil
	}
	if wait := time.UnixMilli(s.Until).Sub(b.now()); wait > 0 {
		return Permit{}, &OpenError{b.cfg.Name, wait}
	}
	return b.probe(ctx, s)
}

// probe asks for the fleet's one permit.
func (b *Breaker) probe(ctx context.Context, s State) (Permit, error) {
	p := Permit{b: b, generation: s.Generation, probe: rand.Text()}
	_, err := b.update(ctx, "SET probe_until = :until, probe_owner = :me",
		"generation = :g AND #s = :open AND (attribute_not_exists(probe_until) OR probe_until <= :now)",
		map[string]any{":until": b.now().Add(b.cfg.Permit).UnixMilli(), ":me": p.probe, ":g": s.Generation, ":open": Open, ":now": b.now().UnixMilli()})
	if err != nil {
		return Permit{}, &OpenError{b.cfg.Name, time.Second}
	}
	return p, nil
}

// update changes the item on a condition, and learns what it became.
func (b *Breaker) update(ctx context.Context, change, condition string, values map[string]any) (State, error) {
	marshalled, err := attributevalue.MarshalMap(values)
	if err != nil {
		return State{}, err
	}
	out, err := b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.cfg.Table, Key: b.key(), UpdateExpression: &change, ConditionExpression: &condition,
		ExpressionAttributeNames:            names(change + condition),
		ExpressionAttributeValues:           marshalled,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		if item := dynamo.OldItem(err); item != nil {
			b.learn(item)
		}
		return State{}, err
	}
	return b.learn(out.Attributes), nil
}
