package dynamo_test

import (
	"testing"

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
