package caller

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
)

// listPrefix is that of the partitions in which a merchant's clients are listed. The operators'
// clients are listed under no merchant.
const listPrefix = "CLIENTS#"

// listedRow is the item of a client in its merchant's list. Times are Unix milliseconds.
type listedRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"` // the client's id
	Role      Role   `dynamodbav:"role"`
	CreatedAt int64  `dynamodbav:"created_at"`
	RevokedAt int64  `dynamodbav:"revoked_at,omitempty"`
}

// Clients returns up to limit (1 to 100) clients of a merchant, or of the operators for an empty
// id, without their secrets, and the cursor of the next page; empty on the last page. It reads
// strongly consistent. Error: *problem.Error of kind Invalid for a cursor of another list.
func (s *Store) Clients(ctx context.Context, merchantID, cursor string, limit int) ([]Client, string, error) {
	list := listPrefix + merchantID
	after, err := listing.Position(list, cursor)
	if err != nil {
		return nil, "", err
	}
	expr, err := expression.NewBuilder().
		WithKeyCondition(expression.Key("pk").Equal(expression.Value(list))).Build()
	if err != nil {
		return nil, "", err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.table, KeyConditionExpression: expr.KeyCondition(), ConsistentRead: aws.Bool(true),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		Limit: aws.Int32(int32(limit)), //nolint:gosec // 1 to 100
	}
	if after != "" {
		in.ExclusiveStartKey = dynamo.Key(list, after)
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("list clients: %w", err)
	}
	var rows []listedRow
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &rows); err != nil {
		return nil, "", fmt.Errorf("decode the list of clients: %w", err)
	}
	clients := make([]Client, 0, len(rows))
	for _, r := range rows {
		clients = append(clients, Client{
			ID: r.SK, Merchant: merchantID, Role: r.Role, CreatedAt: timeOf(r.CreatedAt), RevokedAt: timeOf(r.RevokedAt),
		})
	}
	return clients, listing.Cursor(list, dynamo.Text(out.LastEvaluatedKey["sk"])), nil
}
