package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// ctx is for calls outside a test function; none outlives its test.
var ctx = context.Background()

const merchant = "merchant-1"

// noon is the time of every test.
func noon() time.Time { return time.Date(2025, 11, 26, 12, 0, 0, 0, time.UTC) }

// fixture is a store over an empty table.
type fixture struct {
	*inventory.Store

	client *dynamodb.Client
	db     *faultyDB
	table  string
}

func setup(tb testing.TB) fixture {
	tb.Helper()
	client := dynamotest.Client(tb)
	db := &faultyDB{API: client, hook: healthy}
	table := dynamotest.Tables(tb, client).Inventory
	patient := inventory.Config{Table: table, Patience: time.Minute} // on a busy machine
	return fixture{inventory.New(db, patient, noon).WithShards(4), client, db, table}
}

// withChunkSize returns the same fixture through a store with n SKUs in a chunk.
func (f fixture) withChunkSize(n int) fixture {
	f.Store = f.WithChunkSize(n)
	return f
}

func (f fixture) stock(tb testing.TB, onHand money.Quantity, skus ...string) {
	tb.Helper()
	for _, sku := range skus {
		_, err := f.SetOnHand(ctx, merchant, sku, onHand)
		require.NoError(tb, err)
	}
}

// level returns on hand, reserved and sold.
func (f fixture) level(t *testing.T, sku string) [3]money.Quantity {
	t.Helper()
	l, err := f.Get(t.Context(), caller.ActingFor(merchant), sku)
	require.NoError(t, err)
	return [3]money.Quantity{l.OnHand, l.Reserved, l.Sold}
}

// barrier reads the item of a chunk's barrier.
func (f fixture) barrier(t *testing.T, saga, chunk string) dynamo.Item {
	t.Helper()
	out, err := f.client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.table, ConsistentRead: aws.Bool(true), Key: dynamo.Key("BARRIER#"+saga, chunk),
	})
	require.NoError(t, err)
	return out.Item
}

// remove deletes an item by hand.
func (f fixture) remove(t *testing.T, pk, sk string) {
	t.Helper()
	_, err := f.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &f.table, Key: dynamo.Key(pk, sk)})
	require.NoError(t, err)
}

// order is a reservation of q of each SKU for a saga.
func order(saga string, q money.Quantity, skus ...string) inventory.Reservation {
	r := inventory.Reservation{SagaID: saga, MerchantID: merchant}
	for _, sku := range skus {
		r.Lines = append(r.Lines, gst.StockLine{SKU: sku, Quantity: q})
	}
	return r
}

// skus returns n SKUs in their order.
func skus(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("SKU-%04d", i)
	}
	return all
}

// stockOf returns a stock of q of each SKU.
func stockOf(q money.Quantity, skus ...string) map[string]money.Quantity {
	stock := map[string]money.Quantity{}
	for _, sku := range skus {
		stock[sku] = q
	}
	return stock
}

// code returns the code of a *problem.Error, the text of another error, or nothing.
func code(err error) string {
	if known, ok := errors.AsType[*problem.Error](err); ok {
		return known.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
