package invoice

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// byMerchant is the index of a merchant's invoices in the order of their creation.
const byMerchant = "by-merchant"

// List returns up to limit (1 to 100) of a merchant's invoices, newest first, and the cursor
// of the next page; empty on the last page. The order comes from an index that may lag
// behind the table by moments; the invoices themselves are read from the table. Error:
// *problem.Error of kind Invalid for a cursor that List did not return for this merchant.
func (s *Store) List(ctx context.Context, merchantID, cursor string, limit int) ([]gst.Invoice, string, error) {
	keys := expression.Key("merchant_id").Equal(expression.Value(merchantID))
	expr, err := expression.NewBuilder().WithKeyCondition(keys).Build()
	if err != nil {
		return nil, "", err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(byMerchant), ScanIndexForward: aws.Bool(false),
		Limit:                  aws.Int32(int32(limit)), //nolint:gosec // at most 100
		KeyConditionExpression: expr.KeyCondition(), ExpressionAttributeNames: expr.Names(),
		ExpressionAttributeValues: expr.Values(),
	}
	if cursor != "" {
		if in.ExclusiveStartKey, err = startKey(merchantID, cursor); err != nil {
			return nil, "", err
		}
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("list invoices: %w", err)
	}
	invoices, err := s.read(ctx, out.Items)
	return invoices, cursorOf(merchantID, out.LastEvaluatedKey), err
}

// cursorOf returns the cursor that continues after the last item of a page: the list's mark and
// the item's sort key. The partition is always the merchant of the request, never one from a
// cursor.
func cursorOf(merchantID string, last dynamo.Item) string {
	at := dynamo.Text(last["listed_at"])
	if at == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(listMark(merchantID) + at))
}

// listMark marks the cursors of a merchant's list. With another merchant's cursor a list would
// look as if it had ended.
func listMark(merchantID string) string {
	sum := sha256.Sum256([]byte(merchantID))
	return hex.EncodeToString(sum[:4])
}

// startKey returns the index key that a cursor stands for.
func startKey(merchantID, cursor string) (dynamo.Item, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	listedAt, ours := strings.CutPrefix(string(text), listMark(merchantID))
	_, id, found := strings.Cut(listedAt, "#")
	if err != nil || !ours || !found || len(id) != idLength || len(listedAt) > 80 {
		return nil, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "cursor_invalid", Message: "the cursor is not valid",
			Fields: []problem.FieldError{{
				Field: "cursor", Code: "cursor_invalid", Message: "must be next_cursor of the previous page of the same list",
			}},
		}
	}
	start := invoiceKey(id)
	start["merchant_id"], start["listed_at"] = dynamo.S(merchantID), dynamo.S(listedAt)
	return start, nil
}

// read reads listed invoices from the table, in the order of the list.
func (s *Store) read(ctx context.Context, listed []dynamo.Item) ([]gst.Invoice, error) {
	position := make(map[string]int, len(listed))
	keys := make([]dynamo.Item, 0, len(listed))
	for i, item := range listed {
		keys = append(keys, dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
		position[strings.TrimPrefix(dynamo.Text(item["pk"]), invoicePK(""))] = i
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
	slices.SortFunc(invoices, func(a, b gst.Invoice) int { return position[a.ID] - position[b.ID] })
	return invoices, nil
}
