package inventory

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// changes is the attribute with the entries of the last counts and movements, newest first. A
// repetition finds its entry there even if other changes followed. The names of an entry's
// attributes are short, because every sale of the SKU pays for the size of the item.
const (
	changes    = "changes"
	maxChanges = 8
)

// entry records a count or a movement in its stock item.
type entry struct {
	Key     string          `dynamodbav:"k"`
	Counted *money.Quantity `dynamodbav:"n,omitempty"` // nil for a movement
	Delta   money.Quantity  `dynamodbav:"d,omitempty"` // 0 for a count
	Reason  string          `dynamodbav:"r,omitempty"`
	At      int64           `dynamodbav:"t"` // Unix milliseconds
}

// sameChange reports whether e and other ask for the same change.
func (e entry) sameChange(other entry) bool {
	if (e.Counted == nil) != (other.Counted == nil) {
		return false
	}
	return e.Delta == other.Delta && e.Reason == other.Reason && (e.Counted == nil || *e.Counted == *other.Counted)
}

// entries returns the entries of an item; none of an item that an earlier version wrote.
func entries(item dynamo.Item) ([]entry, error) {
	var row struct {
		Changes []entry `dynamodbav:"changes"`
	}
	if err := attributevalue.UnmarshalMap(item, &row); err != nil {
		return nil, fmt.Errorf("decode the changes of stock: %w", err)
	}
	return row.Changes, nil
}

// appendEntry returns an item's entries with e as the newest, and the condition that they are
// as they were read.
func appendEntry(read dynamo.Item, e entry) ([]entry, expression.ConditionBuilder, error) {
	old, err := entries(read)
	all := append([]entry{e}, old...)
	unchanged := expression.Name(changes).AttributeNotExists()
	if len(old) > 0 {
		unchanged = expression.Name(changes + "[0].k").Equal(expression.Value(old[0].Key))
	}
	return all[:min(len(all), maxChanges)], unchanged, err
}

// judge decides on a change by what was read: it may be written, it was written before (Replayed), or
// it is refused. The level is the one that was read.
//
// A reading of the version that IfMatch names is that of IfMatch. The versions of the items only grow, so
// their sum is the same only if each of them is. Of a sale that is confirmed afterwards the count does
// not depend.
func (c change) judge(r reading) (Level, error) {
	before, err := entries(r.stock)
	if err != nil {
		return Level{}, err
	}
	level := r.level()
	for _, e := range before {
		if e.Key == c.entry.Key {
			level.Replayed = true
			return level, reusedUnless(e.sameChange(c.entry))
		}
	}
	return level, c.refusal(level, r.stock != nil)
}

// refusal returns why a change to the stock as it is now is refused; nil if it is not.
func (c change) refusal(level Level, exists bool) error {
	sum := level.OnHand + c.entry.Delta
	switch {
	case c.ifMatch != nil && (!exists || level.Version != *c.ifMatch):
		return preconditionFailed(*c.ifMatch, level, exists)
	case c.entry.Counted == nil && !exists:
		return notFound()
	case c.entry.Counted == nil && (sum < 0 || sum > money.MaxQuantity):
		return outOfRange(level, c.entry.Delta)
	default:
		return nil
	}
}

func reusedUnless(same bool) error {
	if same {
		return nil
	}
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "idempotency_key_reused",
		Message: "this Idempotency-Key was used for another change of this SKU's stock",
	}
}

func preconditionFailed(wanted int64, level Level, exists bool) error {
	e := &problem.Error{
		Kind: problem.Conflict, Status: http.StatusPreconditionFailed, Code: "precondition_failed",
		Message: fmt.Sprintf("If-Match names version %d, but this merchant has no such SKU", wanted),
	}
	if exists {
		e.Message = fmt.Sprintf("the stock has version %d, not %d: it has changed; read it and count again",
			level.Version, wanted)
		e.Extensions = map[string]any{"version": level.Version}
	}
	return e
}

func outOfRange(level Level, delta money.Quantity) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "on_hand_out_of_range",
		Message: fmt.Sprintf("SKU %s: %s on hand, so a movement of %s is not possible; on hand stays from 0 to %s",
			level.SKU, level.OnHand, delta, money.MaxQuantity),
		Fields: []problem.FieldError{{
			Field: "delta", Code: "on_hand_out_of_range", Message: "is more than there is on hand, or than can be kept",
		}},
	}
}
