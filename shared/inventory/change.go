package inventory

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// SetOnHand records a count without a key: called again, it counts again.
func (s *Store) SetOnHand(ctx context.Context, merchantID, sku string, n money.Quantity) (Level, error) {
	return s.Count(ctx, Count{MerchantID: merchantID, SKU: sku, OnHand: n})
}

// Count sets what is on hand. What is reserved or sold stays as it is. A SKU that does not exist
// is created. It returns the stock after the count, or as it is now after a repetition. Errors:
// *problem.Error of kind Invalid for a malformed count and for a key that was used for another
// change; of status 412 when the stock does not have the version IfMatch.
func (s *Store) Count(ctx context.Context, c Count) (Level, error) {
	if c.OnHand < 0 || c.OnHand > money.MaxQuantity {
		return Level{}, invalidStock()
	}
	return s.apply(ctx, change{
		merchantID: c.MerchantID, sku: c.SKU, ifMatch: c.IfMatch,
		entry: entry{Key: c.Key, Counted: &c.OnHand},
	})
}

// Move adds Delta to what is on hand, in one write that no concurrent sale is lost in. It returns
// the stock after the movement, or as it is now after a repetition. Errors: *problem.Error of
// kind NotFound for an unknown SKU; of kind Conflict, code on_hand_out_of_range, when less than
// nothing or more than money.MaxQuantity would be on hand; of kind Invalid for a malformed
// movement and for a key that was used for another change.
func (s *Store) Move(ctx context.Context, m Movement) (Level, error) {
	if m.Delta == 0 || max(m.Delta, -m.Delta) > money.MaxQuantity || m.Reason == "" || m.Key == "" {
		return Level{}, invalidStock()
	}
	return s.apply(ctx, change{
		merchantID: m.MerchantID, sku: m.SKU, entry: entry{Key: m.Key, Delta: m.Delta, Reason: m.Reason},
	})
}

func invalidStock() error {
	return invalid("invalid_stock", "the merchant's id, the SKU, the quantity or the reason is malformed")
}

// change is a count or a movement on its way.
type change struct {
	merchantID, sku string
	ifMatch         *int64
	entry           entry
}

// apply writes a change once. Each attempt reads the item first, so that it recognizes an
// earlier attempt whose reply was lost by its entry.
func (s *Store) apply(ctx context.Context, c change) (Level, error) {
	if !gst.ValidMerchantID(c.merchantID) || !gst.ValidSKU(c.sku) {
		return Level{}, invalidStock()
	}
	repeatable := c.entry.Key != ""
	if !repeatable {
		c.entry.Key = rand.Text()
	}
	c.entry.At = s.now().UnixMilli()
	var level Level
	var refused error
	err := s.persist(ctx, func() (err error) {
		level, refused, err = s.attempt(ctx, c)
		return err
	})
	if err != nil {
		return Level{}, fmt.Errorf("change stock: %w", err)
	}
	level.Replayed = level.Replayed && repeatable
	return level, refused
}

// attempt reads the stock and writes the change, unless it was written before or is refused.
func (s *Store) attempt(ctx context.Context, c change) (level Level, refused, err error) {
	r, err := s.read(ctx, c.merchantID, c.sku)
	if err != nil {
		return Level{}, nil, err
	}
	level, refused = c.judge(r)
	if level.Replayed || refused != nil {
		return level, refused, nil
	}
	if c.needsMerge(r) {
		return Level{}, nil, cmp.Or(s.merge(ctx, r), errOvertaken)
	}
	item, err := s.writeChange(ctx, c, r)
	if err != nil {
		return Level{}, nil, err
	}
	if err := r.add(item); err != nil {
		return Level{}, nil, err
	}
	return r.level(), nil, nil
}

// needsMerge reports whether the stock item has to have all that is on hand before the change is written.
func (c change) needsMerge(r reading) bool {
	return r.split() && (c.entry.Counted != nil || r.main.OnHand+c.entry.Delta < 0)
}

// writeChange writes a change to a stock item that is as it was read, as far as the change depends on
// it. It returns the item after the change.
func (s *Store) writeChange(ctx context.Context, c change, r reading) (dynamo.Item, error) {
	update, condition, err := c.expressions(r)
	if err != nil {
		return nil, err
	}
	item, err := dynamo.Update(
		ctx, s.db, s.cfg.Table, stockKey(c.merchantID, c.sku), update, condition, types.ReturnValueAllNew)
	if dynamo.ConditionFailed(err) {
		err = errOvertaken // persist tries again, as after an unknown outcome
	}
	return item, err
}

// expressions returns the update of a change and its condition. The quantities are changed where
// they are, so a sale that comes between the read and the write is not lost, and only another
// change is a conflict. A count replaces all that is on hand, so no shard may have any.
func (c change) expressions(r reading) (expression.UpdateBuilder, expression.ConditionBuilder, error) {
	zero, level := expression.Value(0), expression.Name(onHand)
	entries, unchanged, err := appendEntry(r.stock, c.entry)
	update := nextVersion(addToList(expression.Set(expression.Name(changes), expression.Value(entries)), c.merchantID))
	if c.entry.Counted == nil {
		least, most := max(0, -c.entry.Delta), money.MaxQuantity-max(0, c.entry.Delta)
		return update.Set(level, level.Plus(expression.Value(c.entry.Delta))),
			unchanged.And(level.Between(expression.Value(least), expression.Value(most))), err
	}
	update = update.Set(level, expression.Value(*c.entry.Counted)).
		Set(expression.Name(reserved), expression.IfNotExists(expression.Name(reserved), zero)).
		Set(expression.Name(sold), expression.IfNotExists(expression.Name(sold), zero))
	condition := unchanged.And(inLayout(r.main.Layout))
	if c.ifMatch == nil {
		return update, condition, err
	}
	sameVersion := expression.Name(version).Equal(expression.Value(r.main.Version))
	if r.main.Version == 0 {
		sameVersion = level.AttributeExists().And(expression.Name(version).AttributeNotExists())
	}
	return update, condition.And(sameVersion), err
}
