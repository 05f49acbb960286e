package inventory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// Every write is lost, or its reply is, alone and twice in a row: each change happens once.
func TestAFaultAtEveryChange(t *testing.T) {
	t.Parallel()
	stale := countOf(7, "k")
	stale.IfMatch = aws.Int64(5)
	for name, tc := range map[string]struct {
		change func(f fixture) (inventory.Level, error)
		want   [3]money.Quantity
		code   string
	}{
		"a count": {
			func(f fixture) (inventory.Level, error) { return f.Count(ctx, countOf(7, "k")) },
			[3]money.Quantity{7, 2, 0},
			"",
		},
		"a count without a key": {
			func(f fixture) (inventory.Level, error) { return f.SetOnHand(ctx, merchant, "A", 7) },
			[3]money.Quantity{7, 2, 0},
			"",
		},
		"a receipt": {
			func(f fixture) (inventory.Level, error) { return f.Move(ctx, moveOf(5, "k")) },
			[3]money.Quantity{13, 2, 0},
			"",
		},
		"a loss": {
			func(f fixture) (inventory.Level, error) { return f.Move(ctx, moveOf(-8, "k")) },
			[3]money.Quantity{0, 2, 0},
			"",
		},
		"a stale count": {
			func(f fixture) (inventory.Level, error) { return f.Count(ctx, stale) },
			[3]money.Quantity{8, 2, 0},
			"precondition_failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			for _, injected := range singlesAndPairs(1) {
				f.restart(t, stockOf(10, "A"))
				require.NoError(t, f.Reserve(ctx, order("s", 2, "A")))
				writes := 0
				f.db.set(faultAt(injected, &writes))
				_, err := tc.change(f)
				f.db.set(healthy)
				require.Equal(t, tc.code, code(err), "%v", injected)
				require.Equal(t, tc.want, f.level(t, "A"), "%v", injected)
			}
		})
	}
}

// between calls then after the first write of an item, and loses that write's reply.
type between struct {
	inventory.API
	then func()
}

func (b *between) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	out, err := b.API.UpdateItem(ctx, in, o...)
	if then := b.then; then != nil && err == nil {
		b.then = nil
		then()
		return nil, dynamotest.ErrLost
	}
	return out, err
}

// The reply is lost and other writes follow before the write is tried again.
func TestALostReplyIsRecognizedBehindOtherWrites(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	others := func() {
		require.NoError(t, f.Reserve(ctx, order("s", 4, "A")))
		for i := range 6 {
			_, err := f.Move(ctx, moveOf(1, fmt.Sprint("other", i)))
			require.NoError(t, err)
		}
	}
	lossy := inventory.New(&between{f.client, others}, inventory.Config{Table: f.table}, noon)
	level, err := lossy.SetOnHand(ctx, merchant, "A", 20)
	require.NoError(t, err)
	require.Equal(t, [3]money.Quantity{22, 4, 0}, [3]money.Quantity{level.OnHand, level.Reserved, level.Sold})
	require.False(t, level.Replayed, "it is not the caller who repeated it")
}

// A sale lands between the read and the write of a movement: neither is lost.
func TestAReceiptBesideASale(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		delta money.Quantity
		want  [3]money.Quantity
		code  string
	}{
		"a receipt":                  {5, [3]money.Quantity{12, 3, 0}, ""},
		"a loss":                     {-7, [3]money.Quantity{0, 3, 0}, ""},
		"a loss of what is sold now": {-8, [3]money.Quantity{7, 3, 0}, "on_hand_out_of_range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.stock(t, 10, "A")
			f.db.set(f.sellOnce(t, 3))
			_, err := f.Move(ctx, moveOf(tc.delta, "k"))
			require.Equal(t, tc.code, code(err))
			require.Equal(t, tc.want, f.level(t, "A"))
		})
	}
}

// A sale lands between the read and the write of a count with If-Match: the count is refused.
func TestAReadingThatIsOvertakenIsNotWritten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	f.db.set(f.sellOnce(t, 3))
	c := countOf(15, "k")
	c.IfMatch = aws.Int64(1)
	_, err := f.Count(ctx, c)
	require.Equal(t, "precondition_failed", code(err))
	require.Equal(t, [3]money.Quantity{7, 3, 0}, f.level(t, "A"))
}

// Another change lands between the read and the write of a change: both are remembered.
func TestAnOvertakenChangeKeepsTheOther(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	other, overtaken := inventory.New(f.client, inventory.Config{Table: f.table}, noon), false
	f.db.set(func(string) (bool, error) {
		if !overtaken {
			overtaken = true
			_, err := other.Move(ctx, moveOf(5, "other"))
			require.NoError(t, err)
		}
		return true, nil
	})
	_, err := f.Move(ctx, moveOf(1, "k"))
	require.NoError(t, err)
	for key, delta := range map[string]money.Quantity{"other": 5, "k": 1} {
		level, err := other.Move(ctx, moveOf(delta, key))
		require.NoError(t, err)
		require.True(t, level.Replayed, key)
		require.EqualValues(t, 16, level.OnHand)
	}
}

// sellOnce returns a hook that reserves q of A before the first change is written.
func (f fixture) sellOnce(t *testing.T, q money.Quantity) hook {
	t.Helper()
	sold := false
	return func(operation string) (bool, error) {
		if operation == "UpdateItem" && !sold {
			sold = true
			other := inventory.New(f.client, inventory.Config{Table: f.table}, noon)
			require.NoError(t, other.Reserve(ctx, order("s", q, "A")))
		}
		return true, nil
	}
}

// TestConcurrentMovementsAndSales: each change lands once, whatever it meets.
func TestConcurrentMovementsAndSales(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 100, "A")
	errs := make(chan error)
	const workers = 8
	for i := range workers {
		go func() {
			_, err := f.Move(ctx, moveOf(5, fmt.Sprint("k", i)))
			errs <- err
		}()
		go func() { errs <- f.Reserve(ctx, order(fmt.Sprint("s", i), 3, "A")) }()
	}
	for range 2 * workers {
		require.NoError(t, <-errs)
	}
	require.Equal(t, [3]money.Quantity{100 + 8*5 - 8*3, 24, 0}, f.level(t, "A"))
}
