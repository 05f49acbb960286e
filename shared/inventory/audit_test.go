package inventory_test

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

// ledger is the table as an auditor adds it up.
type ledger struct {
	books    map[string][3]money.Quantity // on hand, reserved, sold, by SKU
	states   map[string]string            // of a saga's barriers, in the order of chunks: `RESERVED RELEASED`
	reserved map[string]money.Quantity    // what RESERVED barriers hold, by SKU
	sold     map[string]money.Quantity    // what SOLD barriers hold, by SKU
}

func (w warehouse) items(t require.TestingT) []map[string]types.AttributeValue {
	out, err := w.db.API.(*dynamodb.Client).Scan(ctx, &dynamodb.ScanInput{TableName: &w.table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	return out.Items
}

func (w warehouse) ledger(t require.TestingT) ledger {
	l := ledger{
		books: map[string][3]money.Quantity{}, states: map[string]string{},
		reserved: map[string]money.Quantity{}, sold: map[string]money.Quantity{},
	}
	for _, item := range w.items(t) {
		pk := plain(item["pk"])
		if sku, isStock := strings.CutPrefix(pk, "STOCK#"+merchant+"#"); isStock {
			l.books[sku] = [3]money.Quantity{quantity(item["on_hand"]), quantity(item["reserved"]), quantity(item["sold"])}
			continue
		}
		saga, state := strings.TrimPrefix(pk, "BARRIER#"), plain(item["state"])
		l.states[saga] = strings.TrimSpace(l.states[saga] + " " + state)
		sums := map[string]map[string]money.Quantity{"RESERVED": l.reserved, "SOLD": l.sold, "RELEASED": {}}[state]
		if lines, ok := item["lines"].(*types.AttributeValueMemberM); ok {
			for sku, q := range lines.Value {
				sums[sku] += quantity(q)
			}
		}
	}
	return l
}

// requireBalance holds the books to P3: for each SKU the columns add up to what
// was counted, none is negative, and reserved and sold are what the barriers say.
func (w warehouse) requireBalance(t require.TestingT, counted map[string]money.Quantity) ledger {
	l := w.ledger(t)
	for sku, total := range counted {
		b := l.books[sku]
		require.Equal(t, total, b[0]+b[1]+b[2], "conserved: %s %v", sku, b)
		require.Equal(t, [2]money.Quantity{l.reserved[sku], l.sold[sku]}, [2]money.Quantity{b[1], b[2]}, "books and barriers agree on %s", sku)
		require.GreaterOrEqual(t, min(b[0], b[1], b[2]), money.Quantity(0), "never negative: %s %v", sku, b)
	}
	return l
}

func quantity(v types.AttributeValue) money.Quantity {
	n, _ := strconv.ParseInt(plain(v), 10, 64)
	return money.Quantity(n)
}

// restart empties the table but for so much of each SKU, in two calls.
func (w warehouse) restart(t require.TestingT, counted map[string]money.Quantity) {
	var batch []types.WriteRequest
	for _, item := range w.items(t) {
		if sku, isStock := strings.CutPrefix(plain(item["pk"]), "STOCK#"+merchant+"#"); !isStock || counted[sku] == 0 {
			key := map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}
			batch = append(batch, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
		}
	}
	for sku, q := range counted {
		if q > 0 {
			batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "STOCK#" + merchant + "#" + sku}, "sk": &types.AttributeValueMemberS{Value: "STOCK"},
				"on_hand": amount(q), "reserved": amount(0), "sold": amount(0),
			}}})
		}
	}
	_, err := w.db.API.(*dynamodb.Client).BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{w.table: batch},
	})
	require.NoError(t, err)
}

func amount(q money.Quantity) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(q), 10)}
}
