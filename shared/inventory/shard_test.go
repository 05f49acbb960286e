package inventory_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// TestASplitChangesNoLevel: nor does a merge; and neither is a change for a count with If-Match.
func TestASplitChangesNoLevel(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 100, "A")
	require.NoError(t, f.Reserve(t.Context(), order("s", 3, "A")))
	before, err := f.Get(t.Context(), caller.ActingFor(merchant), "A")
	require.NoError(t, err)
	for range 2 {
		for _, arrange := range []func() error{
			func() error { return f.Split(t.Context(), merchant, "A", 1) },
			func() error { return f.Merge(t.Context(), merchant, "A") },
		} {
			require.NoError(t, arrange())
			after, err := f.Get(t.Context(), caller.ActingFor(merchant), "A")
			require.NoError(t, err)
			require.Equal(t, before, after)
			listed, _, err := f.List(t.Context(), caller.ActingFor(merchant), "", 10)
			require.NoError(t, err)
			require.Equal(t, before, listed[0])
		}
	}
	require.NoError(t, f.Split(t.Context(), merchant, "A", 1))
	stale := countOf(50, "k")
	stale.IfMatch = &before.Version
	require.NoError(t, f.Reserve(t.Context(), order("t", 1, "A")))
	_, err = f.Count(t.Context(), stale)
	require.Equal(t, "precondition_failed", code(err), "a sale of a shard is a change")
	current := before.Version + 1
	stale.IfMatch = &current
	level, err := f.Count(t.Context(), stale)
	require.NoError(t, err)
	require.Equal(t, [2]money.Quantity{50, 4}, [2]money.Quantity{level.OnHand, level.Reserved})
}

// change is a step of one SKU, and what it does to on hand, reserved and sold.
type change struct {
	name   string
	call   func(fixture) error
	effect func(level [3]money.Quantity) [3]money.Quantity
}

func moved(from, to int, q money.Quantity) func([3]money.Quantity) [3]money.Quantity {
	return func(level [3]money.Quantity) [3]money.Quantity {
		level[from] -= q
		level[to] += q
		return level
	}
}

func unmoved(level [3]money.Quantity) [3]money.Quantity { return level }

func counts(n money.Quantity) func([3]money.Quantity) [3]money.Quantity {
	return func(level [3]money.Quantity) [3]money.Quantity { return [3]money.Quantity{n, level[1], level[2]} }
}

func adds(n money.Quantity) func([3]money.Quantity) [3]money.Quantity {
	return func(level [3]money.Quantity) [3]money.Quantity {
		return [3]money.Quantity{level[0] + n, level[1], level[2]}
	}
}

func changes() []change {
	return []change{
		{"reserve", func(f fixture) error { return f.Reserve(ctx, order("s", 3, "A")) }, moved(0, 1, 3)},
		{"reserve much", func(f fixture) error { return f.Reserve(ctx, order("m", 60, "A")) }, moved(0, 1, 60)},
		{"release", func(f fixture) error { _, err := f.Release(ctx, "r", merchant); return err }, moved(1, 0, 5)},
		{"confirm", func(f fixture) error { return f.Confirm(ctx, "c") }, moved(1, 2, 4)},
		{"confirm all", func(f fixture) error {
			results := f.ConfirmAll(ctx, []string{"c", "d"})
			return errors.Join(results[0].Err, results[1].Err)
		}, moved(1, 2, 6)},
		{"return", func(f fixture) error { return f.Reserve(ctx, back(order("b", 1, "A"))) }, moved(2, 1, 1)},
		{"count", func(f fixture) error { _, err := f.SetOnHand(ctx, merchant, "A", 70); return err }, counts(70)},
		{"receipt", func(f fixture) error { _, err := f.Move(ctx, moveOf(7, "k")); return err }, adds(7)},
		{"loss", func(f fixture) error { _, err := f.Move(ctx, moveOf(-20, "l")); return err }, adds(-20)},
		{"split", func(f fixture) error { _ = f.Split(ctx, merchant, "A", 1); return nil }, unmoved},
		{"merge", func(f fixture) error { _ = f.Merge(ctx, merchant, "A"); return nil }, unmoved},
	}
}

// prepareChanges reserves for the sagas that changes ends, of which some are of shards if split is set. It
// returns what is in the table then.
func (f fixture) prepareChanges(t *testing.T, split bool) []dynamo.Item {
	t.Helper()
	f.restart(t, stockOf(200, "A"))
	require.NoError(t, f.Reserve(ctx, order("sold", 8, "A")))
	require.NoError(t, f.Confirm(ctx, "sold"))
	require.NoError(t, f.Reserve(ctx, order("c", 4, "A")))
	if split {
		require.NoError(t, f.Split(ctx, merchant, "A", 1))
	}
	require.NoError(t, f.Reserve(ctx, order("r", 5, "A")))
	require.NoError(t, f.Reserve(ctx, order("d", 2, "A")))
	return f.items(t)
}

// restore puts the table back into a state.
func (f fixture) restore(t *testing.T, state []dynamo.Item) {
	t.Helper()
	keep := map[string]bool{}
	var writes []types.WriteRequest
	for _, item := range state {
		keep[plain(item["pk"])+plain(item["sk"])] = true
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	for _, item := range f.items(t) {
		if !keep[plain(item["pk"])+plain(item["sk"])] {
			key := dynamo.Item{"pk": item["pk"], "sk": item["sk"]}
			writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
		}
	}
	f.batchWrite(t, writes)
}

// Between any two calls of one change another one runs from start to end, by itself or after a split or a merge.
// The level is that of one of the two orders in the end.
func TestEveryInterleavingOfOneSKU(t *testing.T) {
	t.Parallel()
	all := changes()
	arrange := map[bool]change{false: all[len(all)-2], true: all[len(all)-1]} // the split or the merge, by what is
	for _, split := range []bool{false, true} {
		for _, outer := range all {
			t.Run(fmt.Sprintf("%s, split: %t", outer.name, split), func(t *testing.T) {
				t.Parallel()
				f := setup(t)
				state := f.prepareChanges(t, split)
				for _, inner := range []change{all[0], all[2], all[4], all[6], arrange[split]} {
					for at := 0; f.interleaveChanges(t, state, at, outer, inner); at++ {
						continue
					}
					for at := 0; f.interleaveChanges(t, state, at, outer, arrange[split], inner); at++ {
						continue
					}
				}
			})
		}
	}
}

func (f fixture) interleaveChanges(
	t *testing.T, state []dynamo.Item, at int, outer change, between ...change,
) bool {
	t.Helper()
	f.restore(t, state)
	start := [3]money.Quantity{181, 11, 8}
	inner := between[len(between)-1]
	what := fmt.Sprintf("%d of %s, %s, before call %d of %s", len(between), between[0].name, inner.name, at, outer.name)
	calls, reached := 0, false
	f.db.set(func(string) (bool, error) {
		if calls++; calls-1 == at {
			reached = true
			f.db.set(healthy)
			for _, c := range between {
				require.NoError(t, c.call(f), what)
			}
		}
		return true, nil
	})
	err := outer.call(f)
	f.db.set(healthy)
	if !reached {
		return false
	}
	require.NoError(t, err, what)
	orders := [][3]money.Quantity{outer.effect(inner.effect(start)), inner.effect(outer.effect(start))}
	if outer.name == inner.name {
		orders = [][3]money.Quantity{outer.effect(start)} // a repetition
	}
	if confirms := outer.name[:4] + inner.name[:4]; confirms == "confconf" {
		orders = [][3]money.Quantity{moved(1, 2, 6)(start), moved(1, 2, 4)(start)}
	}
	got := f.ledger(t).levels["A"]
	require.Contains(t, orders, got, what)
	f.requireBalance(t, map[string]money.Quantity{"A": got[0] + got[1] + got[2]})
	return true
}
