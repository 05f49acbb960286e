package limit

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// keepForever is the ttl of an item with a rate of its own: the end of the year 9999 in Unix
// seconds.
const keepForever = 253402300799

// maxReason bounds operator and reason together, in bytes: a settlement writes the whole item,
// which stays below the kilobyte that one write unit pays for.
const maxReason = 500

var (
	errOperator = errors.New("an operator name is required")
	errLater    = errors.New("the rate was changed at a later time; read it and try again")
	errReason   = fmt.Errorf("a reason is required, of at most %d bytes with the operator's name", maxReason)
)

// SetRate gives a key a rate of its own until ClearRate, and records who did it and why. A
// process knows it after its next settlement: one that admits requests within a second, one that
// refuses them when its refusal ends. A repetition changes nothing, and a write that arrives
// late does not undo a later act. Errors: a rate out of bounds, a missing operator or reason, a later
// act, and what DynamoDB returned.
func (s *Store) SetRate(ctx context.Context, key string, r Rate, by, why string) (State, error) {
	if err := r.Validate(); err != nil {
		return State{}, err
	}
	return s.override(ctx, key, by, why, expression.
		Set(expression.Name(attrPerSecond), expression.Value(r.PerSecond)).
		Set(expression.Name(attrBurst), expression.Value(r.Burst)).
		Set(expression.Name(attrKeepUntil), expression.Value(int64(keepForever))).
		Set(expression.Name(attrTTL), expression.Value(int64(keepForever))))
}

// ClearRate gives a key the policy's rate again. Errors: as of SetRate.
func (s *Store) ClearRate(ctx context.Context, key string, by, why string) (State, error) {
	return s.override(ctx, key, by, why, expression.
		Remove(expression.Name(attrPerSecond)).Remove(expression.Name(attrBurst)).
		Remove(expression.Name(attrKeepUntil)).
		Set(expression.Name(attrTTL), expression.Value(s.now().Add(idle).Unix())))
}

// override changes a key as an operator.
func (s *Store) override(
	ctx context.Context, key, by, why string, change expression.UpdateBuilder,
) (State, error) {
	switch {
	case by == "":
		return State{}, errOperator
	case why == "" || len(by)+len(why) > maxReason:
		return State{}, errReason
	}
	at, now := expression.Name(attrChangedAt), expression.Value(s.now().UnixMilli())
	change = change.Set(at, now).Set(expression.Name(attrChangedBy), expression.Value(by)).
		Set(expression.Name(attrReason), expression.Value(why))
	item, err := dynamo.Update(ctx, s.db, s.table, itemKey(key), change,
		expression.AttributeNotExists(at).Or(at.LessThanEqual(now)), types.ReturnValueAllNew)
	if dynamo.ConditionFailed(err) {
		return State{}, errLater
	}
	if err != nil {
		return State{}, fmt.Errorf("change the rate of %s: %w", key, err)
	}
	return decode(item)
}
