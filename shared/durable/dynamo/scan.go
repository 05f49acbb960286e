package dynamo

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Scan reads a whole table, consistently, and yields the items that pass the filter. An error
// is the last that it yields.
func Scan(
	ctx context.Context, db dynamodb.ScanAPIClient, table string, filter expression.ConditionBuilder,
) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		expr, err := expression.NewBuilder().WithFilter(filter).Build()
		if err != nil {
			yield(nil, err)
			return
		}
		for pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{
			TableName: &table, FilterExpression: expr.Filter(), ConsistentRead: aws.Bool(true),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
