package dynamo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestTransactionItemsAreRefusedByTheirConditions(t *testing.T) {
	t.Parallel()
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Inventory
	key := dynamo.Key("STOCK", "A")
	item := dynamo.Key("STOCK", "A")
	item["n"] = dynamo.N(7)
	is := func(n int) expression.ConditionBuilder { return expression.Name("n").Equal(expression.Value(n)) }
	put := func() (types.TransactWriteItem, error) { return dynamo.TransactPut(table, item, dynamo.Absent()) }
	write := func(make func() (types.TransactWriteItem, error)) error {
		write, err := make()
		require.NoError(t, err)
		_, err = db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{write},
		})
		return err
	}
	require.NoError(t, write(put))

	for name, makeItem := range map[string]func() (types.TransactWriteItem, error){
		"put": put,
		"update": func() (types.TransactWriteItem, error) {
			return dynamo.TransactUpdate(table, key, expression.Set(expression.Name("n"), expression.Value(9)), is(8))
		},
		"delete": func() (types.TransactWriteItem, error) { return dynamo.TransactDelete(table, key, is(8)) },
		"check":  func() (types.TransactWriteItem, error) { return dynamo.TransactCheck(table, key, is(8)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, refused := dynamo.ConditionFailedAt(write(makeItem), 0)
			require.True(t, refused)
			require.Equal(t, item, old, "the item that refused comes back")
		})
	}
}

// TestAChangeWithoutACondition creates the item too.
func TestAChangeWithoutACondition(t *testing.T) {
	t.Parallel()
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Inventory
	n := expression.Name("n")
	more := expression.Set(n, expression.Plus(expression.IfNotExists(n, expression.Value(0)), expression.Value(1)))
	for range 2 {
		change, err := dynamo.TransactChange(table, dynamo.Key("STOCK", "A"), more)
		require.NoError(t, err)
		require.NoError(t, dynamo.Transact(t.Context(), db, change))
	}
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: dynamo.Key("STOCK", "A")})
	require.NoError(t, err)
	require.Equal(t, "2", dynamo.Number(out.Item["n"]))
}

func TestConflictAt(t *testing.T) {
	t.Parallel()
	err := &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
		{Code: aws.String("None")},
		{Code: aws.String("TransactionConflict")},
		{Code: aws.String("ConditionalCheckFailed")},
		{},
	}}
	for i, want := range []bool{false, true, false, false, false} {
		require.Equal(t, want, dynamo.ConflictAt(err, i), i)
	}
	require.False(t, dynamo.ConflictAt(nil, 0))
}
