package inventory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// noon is every test's present.
var noon = time.Date(2025, 11, 26, 12, 0, 0, 0, time.UTC)

// faulty is the real database behind a hook that is asked before each call.
type faulty struct {
	inventory.API

	mu   sync.Mutex
	hook hook
}

// hook decides one call's fate. Not applied and no error means that all is well;
// with an error, apply says whether the write landed before the reply was lost.
type hook func(operation string) (apply bool, err error)

func healthy(string) (bool, error) { return true, nil }

func (f *faulty) set(h hook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = h
}

func (f *faulty) ask(operation string) (bool, error) {
	f.mu.Lock()
	h := f.hook
	f.mu.Unlock()
	return h(operation)
}

func (f *faulty) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if _, err := f.ask("Query"); err != nil {
		return nil, err
	}
	return f.API.Query(ctx, in, o...)
}

func (f *faulty) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	apply, fault := f.ask("UpdateItem")
	if fault != nil && !apply {
		return nil, fault
	}
	out, err := f.API.UpdateItem(ctx, in, o...)
	if fault != nil {
		return nil, fault
	}
	return out, err
}

func (f *faulty) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	apply, fault := f.ask("TransactWriteItems")
	if fault != nil && !apply {
		return nil, fault
	}
	out, err := f.API.TransactWriteItems(ctx, in, o...)
	if fault != nil {
		return nil, fault
	}
	return out, err
}

// warehouse is a store over an empty table.
type warehouse struct {
	*inventory.Store

	db    *faulty
	table string
}

const merchant = "merchant-1"

func newWarehouse(tb testing.TB) warehouse {
	tb.Helper()
	c := dynamotest.Client(tb)
	db := &faulty{API: c, hook: healthy}
	table := dynamotest.Tables(tb, c).Inventory
	return warehouse{inventory.New(db, inventory.Config{Table: table}, func() time.Time { return noon }), db, table}
}

// inChunksOf is the same warehouse through a store with small chunks.
func (w warehouse) inChunksOf(n int) warehouse {
	w.Store = w.InChunksOf(n)
	return w
}

func (w warehouse) stock(tb testing.TB, onHand money.Quantity, skus ...string) {
	tb.Helper()
	for _, sku := range skus {
		_, err := w.SetOnHand(context.Background(), merchant, sku, onHand)
		require.NoError(tb, err)
	}
}

// order of q of each SKU for a saga.
func order(saga string, q money.Quantity, skus ...string) inventory.Reservation {
	r := inventory.Reservation{SagaID: saga, MerchantID: merchant}
	for _, sku := range skus {
		r.Lines = append(r.Lines, gst.StockLine{SKU: sku, Quantity: q})
	}
	return r
}

// names are n SKUs.
func names(n int) []string {
	skus := make([]string, n)
	for i := range skus {
		skus[i] = fmt.Sprintf("SKU-%04d", i)
	}
	return skus
}

// books gives on hand, reserved and sold.
func (w warehouse) books(t *testing.T, sku string) [3]money.Quantity {
	t.Helper()
	st, err := w.Get(t.Context(), merchant, sku)
	require.NoError(t, err)
	return [3]money.Quantity{st.OnHand, st.Reserved, st.Sold}
}

// picture is all that the table holds, less expiry dates and who counted.
func (w warehouse) picture(t *testing.T) []string {
	t.Helper()
	out, err := w.db.API.(*dynamodb.Client).Scan(t.Context(), &dynamodb.ScanInput{TableName: &w.table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	var lines []string
	for _, item := range out.Items {
		parts := []string{plain(item["pk"]), plain(item["sk"])}
		for _, a := range []string{"state", "lines", "refused", "on_hand", "reserved", "sold"} {
			if v, ok := item[a]; ok {
				parts = append(parts, a+"="+plain(v))
			}
		}
		lines = append(lines, strings.Join(parts, " "))
	}
	slices.Sort(lines)
	return lines
}

func plain(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberM:
		var parts []string
		for k, inner := range v.Value {
			parts = append(parts, k+":"+plain(inner))
		}
		slices.Sort(parts)
		return strings.Join(parts, ",")
	default:
		return fmt.Sprintf("%T", v)
	}
}

// barrier reads one barrier's item.
func (w warehouse) barrier(t *testing.T, saga, chunk string) map[string]types.AttributeValue {
	t.Helper()
	out, err := w.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &w.table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "BARRIER#" + saga}, "sk": &types.AttributeValueMemberS{Value: chunk},
		},
	})
	require.NoError(t, err)
	return out.Item
}

// code of a refusal or of any other known error; empty for none.
func code(err error) string {
	var known *problem.Error
	if ok := asDomain(err, &known); ok {
		return known.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
