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

// Names are the names of one set of tables.
type Names struct {
	Platform, Invoices, Inventory, Audit, Keys, Limits string
}

// index describes a global secondary index.
type index struct {
	name, hash, sort string
	sortType         types.ScalarAttributeType
	projection       types.ProjectionType
}

// Tables creates a new, empty set of the project's six tables with the keys and indexes that
// the data stack defines.
func Tables(tb testing.TB, c *dynamodb.Client) Names {
	tb.Helper()
	suffix := rand.Text()[:10]
	n := Names{
		Platform: "platform-" + suffix, Invoices: "invoices-" + suffix,
		Inventory: "inventory-" + suffix, Audit: "audit-" + suffix, Keys: "keys-" + suffix, Limits: "limits-" + suffix,
	}
	const number, text = types.ScalarAttributeTypeN, types.ScalarAttributeTypeS
	const keys = types.ProjectionTypeKeysOnly
	create(tb, c, n.Platform,
		index{"due", "due_shard", "due", number, keys}, index{"attention", "attention", "begun_at", number, keys})
	create(tb, c, n.Invoices,
		index{"by-merchant", "merchant_id", "listed_at", text, keys},
		index{"by-subject", "subject_of", "listed_at", text, keys})
	create(tb, c, n.Inventory, index{"by-merchant", "stock_of", "pk", text, keys})
	create(tb, c, n.Audit)
	create(tb, c, n.Keys)
	create(tb, c, n.Limits)
	return n
}

func create(tb testing.TB, c *dynamodb.Client, name string, indexes ...index) {
	tb.Helper()
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema("pk", "sk"),
		AttributeDefinitions: []types.AttributeDefinition{
			attribute("pk", types.ScalarAttributeTypeS), attribute("sk", types.ScalarAttributeTypeS),
		},
	}
	defined := map[string]bool{"pk": true, "sk": true}
	define := func(name string, kind types.ScalarAttributeType) {
		if !defined[name] {
			defined[name] = true
			in.AttributeDefinitions = append(in.AttributeDefinitions, attribute(name, kind))
		}
	}
	for _, ix := range indexes {
		define(ix.hash, types.ScalarAttributeTypeS)
		define(ix.sort, ix.sortType)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(ix.name), KeySchema: keySchema(ix.hash, ix.sort),
			Projection: &types.Projection{ProjectionType: ix.projection},
		})
	}
	_, err := c.CreateTable(context.Background(), in)
	require.NoError(tb, err)
}

func keySchema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func attribute(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
}
