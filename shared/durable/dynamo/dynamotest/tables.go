package dynamotest

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// Names of one set of tables.
type Names struct {
	Platform, Invoices, Inventory, Audit string
}

// index describes a table's one global secondary index.
type index struct {
	name, hash, sort string
	sortType         types.ScalarAttributeType
	projection       types.ProjectionType
}

// Tables creates a fresh, empty set of the project's four tables, keyed and
// indexed as the data stack describes them.
func Tables(tb testing.TB, c *dynamodb.Client) Names {
	tb.Helper()
	suffix := rand.Text()[:10]
	n := Names{
		Platform: "platform-" + suffix, Invoices: "invoices-" + suffix,
		Inventory: "inventory-" + suffix, Audit: "audit-" + suffix,
	}
	create(tb, c, n.Platform, &index{"due", "due_shard", "due", types.ScalarAttributeTypeN, types.ProjectionTypeKeysOnly})
	create(tb, c, n.Invoices, &index{"by-merchant", "merchant_id", "listed_at", types.ScalarAttributeTypeS, types.ProjectionTypeKeysOnly})
	create(tb, c, n.Inventory, nil)
	create(tb, c, n.Audit, &index{"by-seq", "merchant_id", "seq", types.ScalarAttributeTypeN, types.ProjectionTypeAll})
	return n
}

func create(tb testing.TB, c *dynamodb.Client, name string, ix *index) {
	tb.Helper()
	in := &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            key("pk", "sk"),
		AttributeDefinitions: []types.AttributeDefinition{attr("pk", types.ScalarAttributeTypeS), attr("sk", types.ScalarAttributeTypeS)},
	}
	if ix != nil {
		in.AttributeDefinitions = append(in.AttributeDefinitions, attr(ix.hash, types.ScalarAttributeTypeS), attr(ix.sort, ix.sortType))
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String(ix.name), KeySchema: key(ix.hash, ix.sort),
			Projection: &types.Projection{ProjectionType: ix.projection},
		}}
	}
	_, err := c.CreateTable(context.Background(), in)
	require.NoError(tb, err)
}

func key(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func attr(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
}
