package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// copyTables creates in to every table of from, without its items, and deletes tables that
// from does not have. It changes tables that differ; a table that is equal keeps its items.
func copyTables(ctx context.Context, from, to *dynamodb.Client) error {
	wanted, err := describeAll(ctx, from)
	if err != nil {
		return fmt.Errorf("read the deployed tables: %w", err)
	}
	present, err := describeAll(ctx, to)
	if err != nil {
		return fmt.Errorf("read the tables: %w", err)
	}
	for name, t := range wanted {
		if err := copyTable(ctx, to, t, present[name]); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		delete(present, name)
	}
	for name := range present {
		if _, err := to.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			return fmt.Errorf("delete table %s: %w", name, err)
		}
	}
	return nil
}

// table is the definition of a table.
type table struct {
	*types.TableDescription
	ttl string // attribute of the items' time to live; empty for none
}

func describeAll(ctx context.Context, c *dynamodb.Client) (map[string]table, error) {
	tables := map[string]table{}
	for pages := dynamodb.NewListTablesPaginator(c, &dynamodb.ListTablesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range page.TableNames {
			if tables[name], err = describe(ctx, c, name); err != nil {
				return nil, err
			}
		}
	}
	return tables, nil
}

func describe(ctx context.Context, c *dynamodb.Client, name string) (table, error) {
	out, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return table{}, err
	}
	expiry, err := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return table{}, err
	}
	t := table{TableDescription: out.Table}
	if d := expiry.TimeToLiveDescription; d != nil && d.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		t.ttl = aws.ToString(d.AttributeName)
	}
	return t, nil
}

// copyTable brings a table to the wanted definition in several steps. If one of them fails, a
// later up continues with it.
func copyTable(ctx context.Context, to *dynamodb.Client, want, have table) error {
	if have.TableDescription == nil {
		if _, err := to.CreateTable(ctx, definition(want)); err != nil {
			return err
		}
	} else if err := copyIndexes(ctx, to, want, have); err != nil {
		return err
	}
	if want.ttl == have.ttl {
		return nil
	}
	_, err := to.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: want.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(want.ttl + have.ttl), Enabled: aws.Bool(want.ttl != ""),
		},
	})
	return err
}

// definition returns the request that creates a table like t.
func definition(t table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: t.TableName, KeySchema: t.KeySchema, AttributeDefinitions: t.AttributeDefinitions,
		BillingMode: types.BillingModePayPerRequest,
	}
	for _, ix := range t.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: ix.IndexName, KeySchema: ix.KeySchema, Projection: ix.Projection,
		})
	}
	return in
}

// copyIndexes changes one index with each call, as DynamoDB requires.
func copyIndexes(ctx context.Context, to *dynamodb.Client, want, have table) error {
	var changes []types.GlobalSecondaryIndexUpdate
	missing := map[string]types.GlobalSecondaryIndex{}
	for _, ix := range definition(want).GlobalSecondaryIndexes {
		missing[*ix.IndexName] = ix
	}
	for _, ix := range have.GlobalSecondaryIndexes {
		if _, wanted := missing[*ix.IndexName]; !wanted {
			changes = append(changes, types.GlobalSecondaryIndexUpdate{
				Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: ix.IndexName},
			})
		}
		delete(missing, *ix.IndexName)
	}
	for _, ix := range missing {
		changes = append(changes, types.GlobalSecondaryIndexUpdate{
			Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: ix.IndexName, KeySchema: ix.KeySchema, Projection: ix.Projection,
			},
		})
	}
	for _, change := range changes {
		_, err := to.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName: want.TableName, AttributeDefinitions: want.AttributeDefinitions,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{change},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
