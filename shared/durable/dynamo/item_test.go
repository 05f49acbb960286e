package dynamo_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

func TestAFailedConditionReturnsTheConflictingItem(t *testing.T) {
	t.Parallel()
	f := setup(t)
	isNew := expression.AttributeNotExists(expression.Name("pk"))
	require.NoError(t, dynamo.Put(t.Context(), f, f.table, item(1), isNew))
	err := dynamo.Put(t.Context(), f, f.table, item(1), isNew)
	require.True(t, dynamo.ConditionFailed(err))
	require.Equal(t, item(1), dynamo.ConflictingItem(err))

	change := expression.Add(expression.Name("value"), expression.Value(1))
	isTwo := expression.Name("value").Equal(expression.Value(2))
	_, err = dynamo.Update(t.Context(), f, f.table, key(1), change, isTwo, types.ReturnValueAllNew)
	require.True(t, dynamo.ConditionFailed(err))
	require.Equal(t, item(1), dynamo.ConflictingItem(err))
}

func TestUpdateReturnsTheSelectedAttributes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.put(t, 1)
	change := expression.Add(expression.Name("value"), expression.Value(1))
	exists := expression.AttributeExists(expression.Name("pk"))
	got, err := dynamo.Update(t.Context(), f, f.table, key(1), change, exists, types.ReturnValueUpdatedNew)
	require.NoError(t, err)
	require.Equal(t, dynamo.Item{"value": dynamo.N(2)}, got)
}

func ExampleKey() {
	key := dynamo.Key("MERCHANT#m1", "PROFILE")
	fmt.Println(key["pk"].(*types.AttributeValueMemberS).Value)
	// Output: MERCHANT#m1
}
