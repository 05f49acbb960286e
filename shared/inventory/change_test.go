package inventory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func countOf(n money.Quantity, key string) inventory.Count {
	return inventory.Count{MerchantID: merchant, SKU: "A", OnHand: n, Key: key}
}

func moveOf(delta money.Quantity, key string) inventory.Movement {
	return inventory.Movement{MerchantID: merchant, SKU: "A", Delta: delta, Reason: "receipt", Key: key}
}

// Ten are counted, the answer is lost, eight are reserved, and the caller repeats the count as
// HTTP allows: no more than ten may be promised.
func TestARepeatedCountDoesNotOversell(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.Count(t.Context(), countOf(10_000, "k"))
	require.NoError(t, err)
	require.False(t, first.Replayed)
	require.NoError(t, f.Reserve(t.Context(), order("1", 8000, "A")))
	again, err := f.Count(t.Context(), countOf(10_000, "k"))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, [3]money.Quantity{2000, 8000, 0}, f.level(t, "A"))
	require.Equal(t, "out_of_stock", code(f.Reserve(t.Context(), order("2", 10_000, "A"))))
}

func TestARepeatedMovementChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10_000, "A")
	moved, err := f.Move(t.Context(), moveOf(5000, "k"))
	require.NoError(t, err)
	require.Equal(t, [2]any{money.Quantity(15_000), false}, [2]any{moved.OnHand, moved.Replayed})
	f.stock(t, 20_000, "A") // another change between them
	again, err := f.Move(t.Context(), moveOf(5000, "k"))
	require.NoError(t, err)
	require.Equal(t, [2]any{money.Quantity(20_000), true}, [2]any{again.OnHand, again.Replayed}, "the level as it is now")
}

func TestAKeyIsOfOneChange(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.Count(t.Context(), countOf(10, "count"))
	require.NoError(t, err)
	_, err = f.Move(t.Context(), moveOf(3, "move"))
	require.NoError(t, err)
	other := moveOf(3, "move")
	other.Reason = "return"
	for name, change := range map[string]func() (inventory.Level, error){
		"another count":      func() (inventory.Level, error) { return f.Count(ctx, countOf(11, "count")) },
		"a movement":         func() (inventory.Level, error) { return f.Move(ctx, moveOf(10, "count")) },
		"another movement":   func() (inventory.Level, error) { return f.Move(ctx, moveOf(-3, "move")) },
		"another reason":     func() (inventory.Level, error) { return f.Move(ctx, other) },
		"a count of nothing": func() (inventory.Level, error) { return f.Count(ctx, countOf(0, "move")) },
	} {
		_, err := change()
		require.Equal(t, "idempotency_key_reused", code(err), name)
	}
	require.Equal(t, [3]money.Quantity{13, 0, 0}, f.level(t, "A"))
}

func TestAStaleReadingIsNotWritten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	read, err := f.Get(t.Context(), caller.ActingFor(merchant), "A")
	require.NoError(t, err)
	require.NoError(t, f.Reserve(t.Context(), order("s", 3, "A")))
	stale := countOf(15, "k")
	stale.IfMatch = &read.Version
	_, err = f.Count(t.Context(), stale)
	refused, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 412, refused.Status)
	require.Equal(t, map[string]any{"version": read.Version + 1}, refused.Extensions)
	require.Equal(t, [3]money.Quantity{7, 3, 0}, f.level(t, "A"))

	current := countOf(15, "k")
	current.IfMatch = aws.Int64(read.Version + 1)
	level, err := f.Count(t.Context(), current)
	require.NoError(t, err, "a refused count leaves its key free")
	require.EqualValues(t, 15, level.OnHand)
	level, err = f.Count(t.Context(), current)
	require.NoError(t, err, "its repetition is recognized although the version has moved on")
	require.True(t, level.Replayed)

	absent := countOf(1, "")
	absent.SKU, absent.IfMatch = "NEW", aws.Int64(0)
	_, err = f.Count(t.Context(), absent)
	require.Equal(t, "precondition_failed", code(err), "a SKU that does not exist has no version")
}

// A stock item that an earlier version wrote has no version and no list of changes.
func TestStockOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	f := setup(t)
	item := dynamo.Key(stockPrefix+"A", "STOCK")
	item["on_hand"], item["reserved"], item["sold"] = dynamo.N(10), dynamo.N(0), dynamo.N(4)
	item["counted_by"] = dynamo.S("TOKEN")
	_, err := f.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &f.table, Item: item})
	require.NoError(t, err)
	level, err := f.Get(ctx, caller.ActingFor(merchant), "A")
	require.NoError(t, err)
	require.Equal(t, `"0"`, level.ETag())
	c := countOf(9, "k")
	c.IfMatch = &level.Version
	level, err = f.Count(ctx, c)
	require.NoError(t, err)
	require.Equal(t, inventory.Level{MerchantID: merchant, SKU: "A", OnHand: 9, Sold: 4, Version: 1}, level)
	_, err = f.Move(ctx, moveOf(1, "m"))
	require.NoError(t, err)
	require.NoError(t, f.Reserve(ctx, order("s", 10, "A")))
}

func TestMovementsThatCannotBe(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 3000, "A")
	_, err := f.Move(ctx, moveOf(-3001, "k"))
	require.Equal(t, "on_hand_out_of_range", code(err))
	require.ErrorContains(t, err, "3 on hand")
	_, err = f.Move(ctx, moveOf(money.MaxQuantity, "k"))
	require.Equal(t, "on_hand_out_of_range", code(err))
	level, err := f.Move(ctx, moveOf(-3000, "k"))
	require.NoError(t, err, "down to nothing, with the key of the refused ones")
	require.Zero(t, level.OnHand)
	level, err = f.Move(ctx, moveOf(money.MaxQuantity, "k2"))
	require.NoError(t, err, "up to the bound")
	require.Equal(t, money.MaxQuantity, level.OnHand)

	unknown := moveOf(1, "k")
	unknown.SKU = "NONE"
	_, err = f.Move(ctx, unknown)
	require.Equal(t, problem.NotFound, problem.KindOf(err))
	for name, m := range map[string]inventory.Movement{
		"0": moveOf(0, "k"), "no key": moveOf(1, ""), "too large": moveOf(money.MaxQuantity+1, "k"),
		"no reason": {MerchantID: merchant, SKU: "A", Delta: 1, Key: "k"},
	} {
		_, err = f.Move(ctx, m)
		require.Equal(t, "invalid_stock", code(err), name)
	}
}

// The item keeps the last eight changes, newest first.
func TestTheLastChangesAreKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for i := range 10 {
		_, err := f.Count(ctx, countOf(money.Quantity(i), fmt.Sprint("k", i)))
		require.NoError(t, err)
	}
	out, err := f.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &f.table, Key: dynamo.Key(stockPrefix+"A", "STOCK"),
	})
	require.NoError(t, err)
	list, ok := out.Item["changes"].(*types.AttributeValueMemberL)
	require.True(t, ok)
	var keys []string
	for _, e := range list.Value {
		entry, ok := e.(*types.AttributeValueMemberM)
		require.True(t, ok)
		keys = append(keys, plain(entry.Value["k"]))
	}
	require.Equal(t, "k9 k8 k7 k6 k5 k4 k3 k2", strings.Join(keys, " "))
}
