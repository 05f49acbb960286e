package main

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// withTables is a stack whose DynamoDB Local runs.
func withTables(t *testing.T) *stack {
	t.Helper()
	s := testStack(t)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	s.root, s.cache, s.bed = root, filepath.Join(root, ".cache"), miniStack()
	require.NoError(t, s.startTables(t.Context()))
	t.Cleanup(func() { _, err := s.stop("tables"); require.NoError(t, err) })
	require.NoError(t, s.awaitUp(t.Context(), "tables", s.tablesEndpoint()))
	return s
}

func TestTablesAreMirrored(t *testing.T) {
	ctx := t.Context()
	deployed, copied := dynamotest.Client(t), tablesAt(withTables(t).tablesEndpoint())
	names := dynamotest.Tables(t, deployed)
	expire(t, deployed, names.Platform, true)
	require.NoError(t, mirror(ctx, deployed, copied))
	same(t, deployed, copied)

	// Items are kept by another run, which goes on from whatever one was stopped at.
	item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"}}
	_, err := copied.PutItem(ctx, &dynamodb.PutItemInput{TableName: &names.Audit, Item: item})
	require.NoError(t, err)
	_, err = copied.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &names.Inventory})
	require.NoError(t, err)
	expire(t, copied, names.Platform, false)
	index(t, copied, names.Invoices, &types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-merchant")}})
	require.NoError(t, mirror(ctx, deployed, copied))
	same(t, deployed, copied)
	out, err := copied.GetItem(ctx, &dynamodb.GetItemInput{TableName: &names.Audit, Key: item})
	require.NoError(t, err)
	require.NotEmpty(t, out.Item)

	// A deploy may take away a table, an index or the expiry.
	_, err = deployed.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &names.Inventory})
	require.NoError(t, err)
	expire(t, deployed, names.Platform, false)
	index(t, deployed, names.Platform, &types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("due")}})
	require.NoError(t, mirror(ctx, deployed, copied))
	same(t, deployed, copied)
}

func expire(t *testing.T, c *dynamodb.Client, name string, on bool) {
	t.Helper()
	_, err := c.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: &on},
	})
	require.NoError(t, err)
}

// index changes a table that has one index.
func index(t *testing.T, c *dynamodb.Client, name string, change *types.GlobalSecondaryIndexUpdate) {
	t.Helper()
	_, err := c.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &name, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{*change}})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		out, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		return err == nil && len(out.Table.GlobalSecondaryIndexes) == 0
	}, startLimit, 20*time.Millisecond, "an index is deleted by and by")
}

// same wants two servers to have the same tables.
func same(t *testing.T, a, b *dynamodb.Client) {
	t.Helper()
	shape := func(c *dynamodb.Client) map[string]any {
		tables, err := describeAll(t.Context(), c)
		require.NoError(t, err)
		shapes := map[string]any{}
		for name, found := range tables {
			in := creation(found)
			in.AttributeDefinitions = nil // DynamoDB Local forgets those of an index that was added later
			shapes[name] = []any{*in, found.expires}
		}
		return shapes
	}
	want := shape(a)
	require.NotEmpty(t, want)
	require.EventuallyWithT(t, func(c *assert.CollectT) { require.Equal(c, want, shape(b)) }, startLimit, 20*time.Millisecond, "indexes change by and by")
}

func TestTablesThatWereKilledAreSeen(t *testing.T) {
	s := withTables(t)
	pid, running := s.running("tables")
	require.True(t, running)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.True(t, gone(pid, startLimit))
	_, running = s.running("tables")
	require.False(t, running)
	require.ErrorContains(t, s.awaitUp(t.Context(), "tables", s.tablesEndpoint()), "it ended at once")
}

func TestMissingTablesAreNamed(t *testing.T) {
	s := testStack(t)
	s.bed = miniStack()
	require.ErrorContains(t, s.checkTables(), "make dynamodb-local")
}
