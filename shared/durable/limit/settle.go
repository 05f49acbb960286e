package limit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

var errContended = errors.New("too much contention on the rate limit")

// Charge is what a settlement adds to a key.
type Charge struct {
	Amount time.Duration // by which the TAT moves
	Since  time.Time     // a TAT that is more than 250 ms before it starts there
	Now    time.Time
	Limit  time.Time // a TAT after it is not moved
	Ahead  bool      // whether the TAT is probably not before Since: it decides which update comes first
}

// Settle adds a charge to a key and returns what the key is then. An update cannot take the
// later of two times, so there are two updates, each with the condition that the other lacks,
// and a TAT beyond the limit stays as it is. Each update costs one write unit: one, or two if
// Ahead was wrong, as for one settlement in twenty-five of a busy fleet. Errors: what DynamoDB
// returned.
func (s *Store) Settle(ctx context.Context, key string, c Charge) (State, error) {
	ahead := c.Ahead
	const attempts = 3 // the third after a race with another process
	for range attempts {
		item, err := s.charge(ctx, key, c, ahead)
		if err == nil {
			return decode(item)
		}
		if !dynamo.ConditionFailed(err) {
			return State{}, fmt.Errorf("settle %s: %w", key, err)
		}
		state, err := decode(dynamo.ConflictingItem(err))
		if err != nil || c.beyond(state.TAT) {
			return state, err
		}
		ahead = !c.restarts(state.TAT)
	}
	return State{}, errContended
}

// restarts reports whether a TAT starts at Since: it has passed, or no correct clock set it.
func (c Charge) restarts(tat time.Time) bool {
	return tat.Before(c.floor()) || tat.After(c.Now.Add(implausible))
}

func (c Charge) floor() time.Time { return c.Since.Add(-slack) }

// beyond reports whether a TAT is so far ahead that it stays as it is.
func (c Charge) beyond(tat time.Time) bool { return tat.After(c.Limit) && !c.restarts(tat) }

// charge moves a TAT that lies ahead, or starts one.
func (s *Store) charge(ctx context.Context, key string, c Charge, ahead bool) (dynamo.Item, error) {
	tat, floor := expression.Name(attrTAT), expression.Value(c.floor().UnixNano())
	change := expression.Set(tat, tat.Plus(expression.Value(c.Amount.Nanoseconds())))
	condition := tat.Between(floor, expression.Value(c.Limit.UnixNano()))
	if !ahead {
		change = expression.Set(tat, expression.Value(c.Since.Add(c.Amount).UnixNano()))
		condition = expression.AttributeNotExists(tat).Or(tat.LessThan(floor),
			tat.GreaterThan(expression.Value(c.Now.Add(implausible).UnixNano())))
	}
	ttl := expression.Value(c.Now.Add(idle).Unix())
	change = change.Set(expression.Name(attrTTL), expression.IfNotExists(expression.Name(attrKeepUntil), ttl))
	return dynamo.Update(ctx, s.db, s.table, itemKey(key), change, condition, types.ReturnValueAllNew)
}
