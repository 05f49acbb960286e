package inventory

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// Attributes of a SKU that is split, see row.
const (
	layout = "layout"
	shards = "shards"
)

// shardCount is the number of shards of a SKU. At 200 sales a second that hold their items for 25 ms, five
// shards are held at a time, so that one sale in six meets another.
const shardCount = 32

// keptShare is the part of what is on hand that a split leaves in the stock item, as 1 ÷ keptShare: sales
// between the reading and the split take it.
const keptShare = 8

// shard names a shard of a SKU in one layout.
type shard struct {
	SK     string `dynamodbav:"sk"`
	Layout int64  `dynamodbav:"layout"`
}

func shardKey(merchantID, sku, sk string) dynamo.Item {
	return dynamo.Key(stockPartition(merchantID, sku), sk)
}

// inLayout is the condition that an item has a layout; 0 is that of a SKU that was never split.
func inLayout(n int64) expression.ConditionBuilder {
	if n == 0 {
		return expression.Name(layout).AttributeNotExists()
	}
	return expression.Name(layout).Equal(expression.Value(n))
}

// pick returns a shard that has q on hand, at random, so that concurrent sales spread.
func (r reading) pick(q money.Quantity) (shard, bool) {
	var enough []string
	for _, of := range r.shards {
		if of.OnHand >= q {
			enough = append(enough, of.SK)
		}
	}
	if len(enough) == 0 {
		return shard{}, false
	}
	return shard{enough[rand.N(len(enough))], r.main.Layout}, true //nolint:gosec // chance is no secret
}

// shares divides what is on hand into shards of whole portions. nil means that it is not worth it.
func (s *Store) shares(onHand, portion money.Quantity) []money.Quantity {
	portions := (onHand - onHand/keptShare) / portion
	if portions < 2 {
		return nil
	}
	all, count := make([]money.Quantity, s.shardCount), money.Quantity(s.shardCount)
	for n := range all {
		all[n] = portions / count * portion
		if money.Quantity(n) < portions%count {
			all[n] += portion
		}
	}
	return all
}

// split moves shares of what is on hand from the stock item to the shards. nil means that it is done;
// errOvertaken that it may be, so the stock must be read again.
func (s *Store) split(ctx context.Context, r reading, all []money.Quantity) error {
	next, sum := r.main.Layout+1, money.Quantity(0)
	items := make([]types.TransactWriteItem, 1, 1+len(all))
	for n, q := range all {
		sum += q
		item, err := s.shardItem(r, fmt.Sprintf("SHARD#%02d", n), q, dynamo.Absent().Or(inLayout(r.main.Layout)))
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	level, quantity := expression.Name(onHand), expression.Value(sum)
	change := expression.Set(level, level.Minus(quantity)).
		Set(expression.Name(layout), expression.Value(next)).Set(expression.Name(shards), expression.Value(len(all)))
	unsplit := inLayout(r.main.Layout).And(level.GreaterThanEqual(quantity))
	var err error
	if items[0], err = dynamo.TransactUpdate(s.cfg.Table, stockKey(r.merchantID, r.sku), change, unsplit); err != nil {
		return err
	}
	return s.arrange(ctx, items)
}

// merge moves everything from the shards to the stock item, which then has all that is on hand. The shards
// stay as they were read, or nothing is written. Results as those of split.
func (s *Store) merge(ctx context.Context, r reading) error {
	items := make([]types.TransactWriteItem, 1, 1+len(r.shards))
	var sum row
	for _, of := range r.shards {
		sum.OnHand += of.OnHand
		sum.Reserved += of.Reserved
		sum.Version += of.Version
		unchanged := inLayout(r.main.Layout).And(expression.Name(version).Equal(expression.Value(of.Version)))
		item, err := s.shardItem(r, of.SK, 0, unchanged)
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	change := expression.Remove(expression.Name(shards)).
		Set(expression.Name(layout), expression.Value(r.main.Layout+1))
	for column, q := range map[string]int64{
		onHand: int64(sum.OnHand), reserved: int64(sum.Reserved), version: sum.Version,
	} {
		name := expression.Name(column)
		change = change.Set(name, expression.Plus(expression.IfNotExists(name, expression.Value(0)), expression.Value(q)))
	}
	var err error
	items[0], err = dynamo.TransactUpdate(
		s.cfg.Table, stockKey(r.merchantID, r.sku), change, inLayout(r.main.Layout))
	if err != nil {
		return err
	}
	return s.arrange(ctx, items)
}

// shardItem returns the transaction item that writes a shard of the layout after the one that was read.
func (s *Store) shardItem(
	r reading, sk string, q money.Quantity, condition expression.ConditionBuilder,
) (types.TransactWriteItem, error) {
	item := shardKey(r.merchantID, r.sku, sk)
	item[onHand], item[reserved], item[version] = dynamo.N(int64(q)), dynamo.N(0), dynamo.N(0)
	item[layout] = dynamo.N(r.main.Layout + 1)
	return dynamo.TransactPut(s.cfg.Table, item, condition)
}

// arrange writes a split or a merge.
func (s *Store) arrange(ctx context.Context, items []types.TransactWriteItem) error {
	return overtaken(s.transaction(ctx, items)())
}

// overtaken returns errOvertaken for a write or a reading that another one refused, or that may have been
// done: the stock must be read again. It returns any other error as it is.
func overtaken(err error) error {
	if dynamo.CancellationReasons(err) != nil || dynamo.Contended(err) || dynamo.OutcomeUnknown(err) {
		return errors.Join(errOvertaken, err)
	}
	return err
}
