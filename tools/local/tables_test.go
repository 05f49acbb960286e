package main

import (
	"path/filepath"
	"slices"
	"strings"
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

// setupTables returns a stack whose DynamoDB Local runs.
func setupTables(t *testing.T) *stack {
	t.Helper()
	s := setup(t)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	s.root = root
	require.NoError(t, s.startTables(t.Context()))
	t.Cleanup(func() { _, err := s.programs.Stop(t.Context(), "tables"); require.NoError(t, err) })
	require.NoError(t, s.awaitAnswer(t.Context(), "tables", s.tablesURL()))
	return s
}

func TestTablesAreCopied(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	// Both servers are this test's own: a table of another test would be copied too.
	deployed, copied := tablesClient(setupTables(t).tablesURL()), tablesClient(setupTables(t).tablesURL())
	names := dynamotest.Tables(t, deployed)
	setTTL(t, deployed, names.Platform, true)
	require.NoError(t, copyTables(ctx, deployed, copied))
	requireSameTables(t, deployed, copied)

	// A second copy keeps the items, and completes a copy that was interrupted.
	item := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"},
	}
	_, err := copied.PutItem(ctx, &dynamodb.PutItemInput{TableName: &names.Audit, Item: item})
	require.NoError(t, err)
	_, err = copied.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &names.Inventory})
	require.NoError(t, err)
	setTTL(t, copied, names.Platform, false)
	deleteIndex(t, copied, names.Invoices, "by-merchant")
	require.NoError(t, copyTables(ctx, deployed, copied))
	requireSameTables(t, deployed, copied)
	out, err := copied.GetItem(ctx, &dynamodb.GetItemInput{TableName: &names.Audit, Key: item})
	require.NoError(t, err)
	require.NotEmpty(t, out.Item)

	// A deployment may remove a table, an index or the time to live.
	_, err = deployed.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &names.Inventory})
	require.NoError(t, err)
	setTTL(t, deployed, names.Platform, false)
	deleteIndex(t, deployed, names.Platform, "due")
	require.NoError(t, copyTables(ctx, deployed, copied))
	requireSameTables(t, deployed, copied)
}

func setTTL(t *testing.T, c *dynamodb.Client, table string, on bool) {
	t.Helper()
	_, err := c.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: &on},
	})
	require.NoError(t, err)
}

// deleteIndex deletes an index of a table.
func deleteIndex(t *testing.T, c *dynamodb.Client, table, index string) {
	t.Helper()
	_, err := c.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: &table,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: &index}},
		},
	})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		out, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		return err == nil && !slices.ContainsFunc(out.Table.GlobalSecondaryIndexes,
			func(ix types.GlobalSecondaryIndexDescription) bool { return *ix.IndexName == index })
	}, startTimeout, 20*time.Millisecond, "an index is deleted asynchronously")
}

// requireSameTables requires two servers to have the same tables.
func requireSameTables(t *testing.T, a, b *dynamodb.Client) {
	t.Helper()
	want := definitions(t, a)
	require.NotEmpty(t, want)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		require.Equal(c, want, definitions(t, b))
	}, startTimeout, 20*time.Millisecond, "indexes change asynchronously")
}

// definitions returns what copyTables copies of each table.
func definitions(t *testing.T, c *dynamodb.Client) map[string]any {
	t.Helper()
	tables, err := describeAll(t.Context(), c)
	require.NoError(t, err)
	all := map[string]any{}
	for name, found := range tables {
		in := definition(found)
		in.AttributeDefinitions = nil // DynamoDB Local omits those of an index that was added later
		slices.SortFunc(in.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndex) int {
			return strings.Compare(*a.IndexName, *b.IndexName) // one that was added later comes last
		})
		all[name] = []any{*in, found.ttl}
	}
	return all
}

func TestKilledTablesAreNoticed(t *testing.T) {
	t.Parallel()
	s := setupTables(t)
	pid, running := s.programs.Running("tables")
	require.True(t, running)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool {
		_, running := s.programs.Running("tables")
		return !running
	}, startTimeout, 10*time.Millisecond)
	require.ErrorContains(t, s.awaitAnswer(t.Context(), "tables", s.tablesURL()), "tables exited")
}
