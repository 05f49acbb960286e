package inventory_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// lines returns a reservation of one line for each SKU, at the given positions of the request.
func lines(saga string, all ...gst.StockLine) inventory.Reservation {
	return inventory.Reservation{SagaID: saga, MerchantID: merchant, Lines: all}
}

func outOfStock(field, sku, wanted, onHand string) problem.FieldError {
	return problem.FieldError{
		Field: field, Code: "out_of_stock", Message: "SKU " + sku + ": " + wanted + " requested, " + onHand + " on hand",
		SKU: sku, Wanted: json.Number(wanted), OnHand: json.Number(onHand),
	}
}

func unknown(field, sku, wanted string) problem.FieldError {
	return problem.FieldError{
		Field: field, Code: "unknown_sku", Message: "SKU " + sku + " does not exist; record its stock first",
		SKU: sku, Wanted: json.Number(wanted),
	}
}

func TestARefusalNamesEveryShortLine(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 2000, "A", "B")
	f.stock(t, 50_000, "C")
	for name, tc := range map[string]struct {
		lines []gst.StockLine
		code  string
		want  []problem.FieldError
	}{
		"two of three": {
			[]gst.StockLine{
				{SKU: "A", Quantity: 5500, Items: []int{3}},
				{SKU: "B", Quantity: 3000, Items: []int{0}},
				{SKU: "C", Quantity: 1000, Items: []int{1}},
			},
			"out_of_stock",
			[]problem.FieldError{
				outOfStock("items[0].quantity", "B", "3", "2"), outOfStock("items[3].quantity", "A", "5.5", "2"),
			},
		},
		"lines of one SKU": {
			[]gst.StockLine{
				{SKU: "A", Quantity: 1500, Items: []int{0, 4}}, {SKU: "A", Quantity: 1000, Items: []int{2}},
			},
			"out_of_stock",
			[]problem.FieldError{
				outOfStock("items[0].quantity", "A", "2.5", "2"), outOfStock("items[2].quantity", "A", "2.5", "2"),
				outOfStock("items[4].quantity", "A", "2.5", "2"),
			},
		},
		"unknown and short": {
			[]gst.StockLine{
				{SKU: "A", Quantity: 3000, Items: []int{0}},
				{SKU: "X", Quantity: 1, Items: []int{1}},
				{SKU: "Y", Quantity: 1000, Items: []int{2}},
			},
			"unknown_sku",
			[]problem.FieldError{
				outOfStock("items[0].quantity", "A", "3", "2"), unknown("items[1].quantity", "X", "0.001"),
				unknown("items[2].quantity", "Y", "1"),
			},
		},
		"without positions": {
			[]gst.StockLine{{SKU: "A", Quantity: 3000}, {SKU: "B", Quantity: 3000}},
			"out_of_stock",
			[]problem.FieldError{outOfStock("items", "A", "3", "2"), outOfStock("items", "B", "3", "2")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := f.Reserve(t.Context(), lines(name, tc.lines...))
			require.Equal(t, tc.code, code(first))
			refused, ok := errors.AsType[*problem.Error](first)
			require.True(t, ok)
			require.Equal(t, tc.want, refused.Fields)
			require.Equal(t, name != "lines of one SKU", strings.Contains(refused.Message, "; errors names this and "))
			require.Equal(t, first, f.Reserve(t.Context(), lines(name, tc.lines...)), "a late copy")
		})
	}
}

// The function passes its refusal on as JSON.
func TestAShortLineAsJSON(t *testing.T) {
	t.Parallel()
	for want, field := range map[string]problem.FieldError{
		`{"field":"items[0].quantity","code":"out_of_stock","message":"SKU A: 2.5 requested, 0 on hand",` +
			`"sku":"A","wanted":2.5,"on_hand":0}`: outOfStock("items[0].quantity", "A", "2.5", "0"),
		`{"field":"f","code":"required","message":"is required"}`: {Field: "f", Code: "required", Message: "is required"},
	} {
		got, err := json.Marshal(field)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got))
		var back problem.FieldError
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, field, back)
	}
}

// An invoice of more SKUs than a transaction takes names the short ones of all its parts.
func TestARefusalOfChunksNamesEveryPart(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	f.stock(t, 10, "A", "B", "E", "G")
	f.stock(t, 3, "F")
	err := f.Reserve(t.Context(), order("s", 5, "A", "B", "C", "D", "E", "F", "G", "H"))
	refused, ok := errors.AsType[*inventory.RefusedError](err)
	require.True(t, ok)
	require.Equal(t, []inventory.Shortage{
		{SKU: "C", Wanted: 5, Unknown: true},
		{SKU: "D", Wanted: 5, Unknown: true},
		{SKU: "F", Wanted: 5, OnHand: 3},
		{SKU: "H", Wanted: 5, Unknown: true},
	}, refused.Short)
}

// unreadable is a table whose batches of reads fail.
type unreadable struct{ inventory.API }

func (unreadable) BatchGetItem(
	context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return nil, errLost
}

// What cannot be read is not named, and the refusal is as final.
func TestARefusalOfChunksThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	store := inventory.New(unreadable{f.client}, inventory.Config{Table: f.table}, noon).WithChunkSize(1)
	err := store.Reserve(t.Context(), order("s", 5, "A", "B"))
	refused, ok := errors.AsType[*inventory.RefusedError](err)
	require.True(t, ok)
	require.Equal(t, []inventory.Shortage{{SKU: "A", Wanted: 5, Unknown: true}}, refused.Short)
	require.Equal(t, "RELEASED", f.ledger(t).states["s"])
}

// A gate that an earlier version refused has no list of short SKUs.
func TestARefusalOfAnEarlierVersionIsReplayed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 100, "A")
	item, err := attributevalue.MarshalMap(map[string]any{
		"pk": "BARRIER#s", "sk": "000", "state": "RELEASED", "merchant_id": merchant, "chunks": 1,
		"refused": map[string]any{"code": "out_of_stock", "sku": "A", "message": "SKU A: 5 requested, 1 on hand"},
	})
	require.NoError(t, err)
	_, err = f.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: item})
	require.NoError(t, err)
	err = f.Reserve(t.Context(), order("s", 5, "A"))
	require.EqualError(t, err, "out_of_stock: SKU A: 5 requested, 1 on hand")
	refused, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok)
	require.Empty(t, refused.Fields)
}
