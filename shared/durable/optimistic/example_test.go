package optimistic_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/optimistic"
)

// memory is a table with one item and one writer.
type memory struct{ item dynamo.Item }

func (m *memory) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: m.item}, nil
}

func (m *memory) PutItem(
	_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	m.item = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func ExampleUpdate() {
	type series struct {
		Next int64 `dynamodbav:"next"`
	}
	table := optimistic.Table{DB: &memory{}, Name: "invoices", Version: "next"}
	for range 2 {
		s, err := optimistic.Update(context.Background(), table, dynamo.Key("SERIES#A", "SERIES"),
			func(s series) (series, error) { return series{s.Next + 1}, nil })
		fmt.Println(s.Next, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}
