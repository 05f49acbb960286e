package inventory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// transactions counts the transactions that are written, and their items.
type transactions struct {
	inventory.API
	items []int
}

func (c *transactions) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	c.items = append(c.items, len(in.TransactItems))
	return c.API.TransactWriteItems(ctx, in, o...)
}

// reserveAll reserves for n sagas.
func (f fixture) reserveAll(t *testing.T, n int, of func(i int) inventory.Reservation) (sagas []string) {
	t.Helper()
	for i := range n {
		r := of(i)
		require.NoError(t, f.Reserve(t.Context(), r))
		sagas = append(sagas, r.SagaID)
	}
	return sagas
}

// TestABatchIsConfirmedOnce: its sales of one SKU in one transaction with one sum.
func TestABatchIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 100, "A")
	sagas := f.reserveAll(t, 50, func(i int) inventory.Reservation { return order(fmt.Sprint("s", i), 1, "A") })
	counter := &transactions{API: f.client}
	store := inventory.New(counter, inventory.Config{Table: f.table}, noon)
	for range 2 {
		for _, result := range store.ConfirmAll(t.Context(), sagas) {
			require.NoError(t, result.Err)
		}
		require.Equal(t, []int{51}, counter.items)
		require.Equal(t, [3]money.Quantity{50, 0, 50}, f.level(t, "A"))
	}
	f.requireBalance(t, stockOf(100, "A"))
}

func TestABatchOfMoreItemsThanATransactionHolds(t *testing.T) {
	t.Parallel()
	f := setup(t)
	all := skus(100)
	f.restart(t, stockOf(10, all...))
	sagas := f.reserveAll(t, 30, func(i int) inventory.Reservation {
		return order(fmt.Sprint("s", i), 1, all[i], all[i+30], all[i+60])
	})
	counter := &transactions{API: f.client}
	store := inventory.New(counter, inventory.Config{Table: f.table}, noon)
	for _, result := range store.ConfirmAll(t.Context(), sagas) {
		require.NoError(t, result.Err)
	}
	require.Equal(t, []int{100, 20}, counter.items)
	f.requireBalance(t, stockOf(10, all...))
}

// TestASagaOfABatchFailsAlone: one was released, one was confirmed before, one reserved nothing, one takes goods
// back, one has chunks.
func TestASagaOfABatchFailsAlone(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	f.stock(t, 10, "A", "B", "C")
	require.NoError(t, f.Reserve(t.Context(), order("before", 2, "A")))
	require.NoError(t, f.Confirm(t.Context(), "before"))
	require.NoError(t, f.Reserve(t.Context(), order("released", 1, "A")))
	_, err := f.Release(t.Context(), "released", merchant)
	require.NoError(t, err)
	require.NoError(t, f.Reserve(t.Context(), back(order("back", 1, "A"))))
	require.NoError(t, f.Reserve(t.Context(), order("chunks", 1, "A", "B", "C")))
	require.NoError(t, f.Reserve(t.Context(), order("sale", 3, "A", "B")))
	var codes []string
	for _, r := range f.ConfirmAll(t.Context(), []string{"before", "released", "none", "back", "chunks", "sale", "sale"}) {
		codes = append(codes, code(r.Err))
	}
	require.Equal(t, []string{"", "sold_after_release", "", "", "", "", ""}, codes)
	l := f.requireBalance(t, stockOf(10, "A", "B", "C"))
	require.Equal(t, map[string]string{
		"before": "SOLD", "released": "RELEASED", "back": "RETURNED", "chunks": "SOLD SOLD", "sale": "SOLD",
	}, l.states)
}

// TestASagaThatEndsBetweenTheReadAndTheBooking fails alone too.
func TestASagaThatEndsBetweenTheReadAndTheBooking(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	sagas := f.reserveAll(t, 3, func(i int) inventory.Reservation { return order(fmt.Sprint("s", i), 1, "A") })
	other := inventory.New(f.client, inventory.Config{Table: f.table}, noon)
	f.db.set(func(string) (bool, error) {
		f.db.set(healthy)
		_, err := other.Release(ctx, "s0", merchant)
		require.NoError(t, err)
		require.NoError(t, other.Confirm(ctx, "s1"))
		return true, nil
	})
	results := f.ConfirmAll(t.Context(), sagas)
	require.Equal(t, "sold_after_release", code(results[0].Err))
	require.NoError(t, results[1].Err)
	require.NoError(t, results[2].Err)
	require.Equal(t, [3]money.Quantity{8, 0, 2}, f.level(t, "A"))
}

// TestReservationsOfTheLastVersion: its stock item has what is reserved and sold, and its return was taken from
// there. They are confirmed, released and returned as it would have.
func TestReservationsOfTheLastVersion(t *testing.T) {
	t.Parallel()
	for name, confirm := range map[string]bool{"confirmed": true, "released": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.put(t, map[string]any{
				"pk": stockPrefix + "A", "sk": "STOCK", "on_hand": 5, "reserved": 3 + 1, "sold": 6, "version": 9,
			})
			f.put(t, map[string]any{
				"pk": "BARRIER#sale", "sk": "000", "state": "RESERVED", "merchant_id": merchant, "chunks": 1,
				"lines": map[string]int{"A": 3},
			})
			f.put(t, map[string]any{
				"pk": "BARRIER#note", "sk": "000", "state": "RESERVED", "merchant_id": merchant, "chunks": 1,
				"lines": map[string]int{"A": 1}, "returns": true,
			})
			require.Equal(t, [3]money.Quantity{5, 4, 6}, f.level(t, "A"))
			want, version := [3]money.Quantity{8, 0, 7}, int64(11)
			if confirm {
				want = [3]money.Quantity{6, 0, 9}
				for _, r := range f.ConfirmAll(t.Context(), []string{"sale", "note"}) {
					require.NoError(t, r.Err)
				}
			} else {
				for _, saga := range []string{"sale", "note"} {
					_, err := f.Release(t.Context(), saga, merchant)
					require.NoError(t, err)
				}
			}
			require.Equal(t, want, f.level(t, "A"))
			level, err := f.Get(t.Context(), caller.ActingFor(merchant), "A")
			require.NoError(t, err)
			require.Equal(t, version, level.Version)

			all := want[2] // what the last version sold comes back too, but no more
			require.Equal(t, "not_sold", code(f.Reserve(t.Context(), back(order("much", all+1, "A")))))
			require.NoError(t, f.Reserve(t.Context(), back(order("all", all, "A"))))
			require.Equal(t, [3]money.Quantity{want[0], all, 0}, f.level(t, "A"))
			require.NoError(t, f.Confirm(t.Context(), "all"))
			require.Equal(t, [3]money.Quantity{15, 0, 0}, f.level(t, "A"))
		})
	}
}

func (f fixture) put(t *testing.T, attributes map[string]any) {
	t.Helper()
	item, err := attributevalue.MarshalMap(attributes)
	require.NoError(t, err)
	_, err = f.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &f.table, Item: item})
	require.NoError(t, err)
}
