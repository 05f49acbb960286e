package issuance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// TestReplaysStayAsTheyWereStored: released versions escaped answers for HTML and stored them in
// clear; new answers are neither.
func TestReplaysStayAsTheyWereStored(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req := dated(t, "A", "2025-11-26", map[string]any{"buyer_name": "R&D <Pune>"})
	first, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	require.Contains(t, string(first.Body), `"buyer_name":"R&D <Pune>"`)

	stored := strings.NewReplacer("&", `\u0026`, "<", `\u003c`, ">", `\u003e`).Replace(string(first.Body))
	compressed, err := idempotency.Compress([]byte(stored))
	require.NoError(t, err)
	_, err = f.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.tables.Platform, Key: idempotency.ItemKey(key(1).Hash()),
		UpdateExpression:          aws.String("SET body = :b REMOVE sealed"),
		ExpressionAttributeValues: dynamo.Item{":b": &types.AttributeValueMemberB{Value: compressed}},
	})
	require.NoError(t, err)
	again, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, stored, string(again.Body))
}
