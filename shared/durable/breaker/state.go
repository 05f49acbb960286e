package breaker

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// States.
const (
	Closed = "CLOSED"
	Open   = "OPEN"
)

// forever is an open breaker's time when an operator holds it open: the end of the
// year 9999 in Unix milliseconds.
const forever = 253402300799000

// Snapshot of the breaker as the table holds it. Times are Unix milliseconds.
type Snapshot struct {
	State      string `dynamodbav:"state"`
	Generation int64  `dynamodbav:"generation"`
	Until      int64  `dynamodbav:"open_until"` // when an open breaker lets a probe through
	ProbeUntil int64  `dynamodbav:"probe_until"`
	Window     int64  `dynamodbav:"window"` // number of the window that is counted
	Calls      int64  `dynamodbav:"calls"`
	Failures   int64  `dynamodbav:"failures"`
	LastCalls  int64  `dynamodbav:"last_calls"` // of the window before
	LastFails  int64  `dynamodbav:"last_failures"`
	Forced     bool   `dynamodbav:"forced"` // an operator holds it in its state
	ChangedAt  int64  `dynamodbav:"changed_at"`
	ChangedBy  string `dynamodbav:"changed_by"` // Automatic, or who forced it
	Reason     string `dynamodbav:"reason"`
}

// Automatic is who changed a state that no operator changed.
const Automatic = "automatic"

// decode takes an item that cannot be understood for a closed breaker's.
func decode(item dynamo.Item) Snapshot {
	var s Snapshot
	if err := attributevalue.UnmarshalMap(item, &s); err != nil || s.State != Open {
		s.State = Closed
	}
	return s
}

func (b *Breaker) key() dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "BREAKER#" + b.cfg.Name},
		"sk": &types.AttributeValueMemberS{Value: "STATE"},
	}
}

// update changes the item on a condition. It returns and learns what the item
// became, or what it was when it refused.
func (b *Breaker) update(ctx context.Context, change, condition string, values map[string]any) (Snapshot, error) {
	marshalled, err := attributevalue.MarshalMap(values)
	if err != nil {
		return Snapshot{}, err
	}
	asked := b.ask()
	out, err := b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.cfg.Table, Key: b.key(), UpdateExpression: &change, ConditionExpression: &condition,
		ExpressionAttributeNames:            names(change + condition),
		ExpressionAttributeValues:           marshalled,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	switch {
	case dynamo.ConditionFailed(err):
		return b.learn(asked, dynamo.ConflictingItem(err)), err
	case err != nil:
		return Snapshot{}, err
	}
	return b.learn(asked, out.Attributes), nil
}

// names of the attributes that are reserved words, as far as they are used.
func names(expression string) map[string]string {
	used := map[string]string{}
	for alias, name := range map[string]string{"#s": "state", "#w": "window"} {
		if strings.Contains(expression, alias) {
			used[alias] = name
		}
	}
	if len(used) == 0 {
		return nil
	}
	return used
}

// wait is how long an open breaker stays so, as far as a caller is told: one that
// an operator holds has no end, and may be let go at any time.
func (b *Breaker) wait(until int64) time.Duration {
	left := time.Duration(min(until-b.ms(), b.cfg.OpenFor.Milliseconds())) * time.Millisecond
	return max(left, time.Second)
}
