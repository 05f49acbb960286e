package invoice

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

const byMerchant = "by-merchant"

// List returns a merchant's invoices, newest first, and the cursor of the next
// page, empty on the last one. limit is 1 to 100. The order comes from an index
// that may lag behind the table by moments; the invoices themselves are read
// from the table. Error: problem.Invalid for a cursor that List did not give out.
func (s *Store) List(ctx context.Context, merchantID, cursor string, limit int) ([]gst.Invoice, string, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(byMerchant), Limit: aws.Int32(int32(limit)), //nolint:gosec // at most 100
		KeyConditionExpression:    aws.String("merchant_id = :m"),
		ExpressionAttributeValues: dynamo.Item{":m": &types.AttributeValueMemberS{Value: merchantID}},
		ScanIndexForward:          aws.Bool(false),
	}
	if cursor != "" {
		start, err := startAfter(merchantID, cursor)
		if err != nil {
			return nil, "", err
		}
		in.ExclusiveStartKey = start
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("list invoices: %w", err)
	}
	invoices, err := s.read(ctx, out.Items)
	return invoices, cursorOf(out.LastEvaluatedKey), err
}

// A cursor is the sort key of the last invoice shown; its partition is the
// caller's merchant, never the cursor's.
func cursorOf(last dynamo.Item) string {
	at, ok := last["listed_at"].(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(at.Value))
}

func startAfter(merchantID, cursor string) (dynamo.Item, error) {
	listedAt, err := base64.RawURLEncoding.DecodeString(cursor)
	_, id, found := strings.Cut(string(listedAt), "#")
	if err != nil || !found || len(id) != 36 || len(listedAt) > 80 {
		return nil, &problem.Error{
			Kind: problem.Invalid, Status: 400, Code: "cursor_invalid", Message: "the cursor is not one that a list returned",
			Fields: []problem.FieldError{{Field: "cursor", Code: "cursor_invalid", Message: "use next_cursor of the last page"}},
		}
	}
	start := invoiceKey(id)
	start["merchant_id"] = &types.AttributeValueMemberS{Value: merchantID}
	start["listed_at"] = &types.AttributeValueMemberS{Value: string(listedAt)}
	return start, nil
}

// read fetches the listed invoices from the table and keeps the list's order.
func (s *Store) read(ctx context.Context, listed []dynamo.Item) ([]gst.Invoice, error) {
	order := make(map[string]int, len(listed))
	keys := make([]map[string]types.AttributeValue, 0, len(listed))
	for i, item := range listed {
		keys = append(keys, dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
		if pk, ok := item["pk"].(*types.AttributeValueMemberS); ok {
			order[strings.TrimPrefix(pk.Value, "INVOICE#")] = i
		}
	}
	invoices := make([]gst.Invoice, 0, len(listed))
	for len(keys) > 0 {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: keys, ConsistentRead: aws.Bool(true)}},
		})
		if err != nil {
			return nil, fmt.Errorf("read listed invoices: %w", err)
		}
		for _, item := range out.Responses[s.table] {
			inv, err := decode(item)
			if err != nil {
				return nil, err
			}
			invoices = append(invoices, inv)
		}
		keys = out.UnprocessedKeys[s.table].Keys
	}
	slices.SortFunc(invoices, func(a, b gst.Invoice) int { return order[a.ID] - order[b.ID] })
	return invoices, nil
}
