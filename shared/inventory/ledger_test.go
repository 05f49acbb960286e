package inventory_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// ledger is the table added up independently of the store.
type ledger struct {
	levels   map[string][3]money.Quantity // on hand, reserved, sold, by SKU
	states   map[string]string            // of a saga's barriers, in the order of chunks: `RESERVED RELEASED`
	reserved map[string]money.Quantity    // in RESERVED barriers, by SKU
	sold     map[string]money.Quantity    // in SOLD barriers, less what comes or came back, by SKU
	split    map[string]bool              // by SKU
	sharded  map[string]money.Quantity    // on hand and reserved in shards, by SKU
}

func columns() []string { return []string{"on_hand", "reserved", "sold"} }

// stockPrefix starts the partition key of every stock item.
const stockPrefix = "STOCK#" + merchant + "#"

func (f fixture) items(t require.TestingT) []dynamo.Item {
	out, err := f.client.Scan(ctx, &dynamodb.ScanInput{TableName: &f.table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	return out.Items
}

func (f fixture) ledger(t require.TestingT) ledger {
	l := ledger{
		levels: map[string][3]money.Quantity{}, states: map[string]string{},
		reserved: map[string]money.Quantity{}, sold: map[string]money.Quantity{},
		split: map[string]bool{}, sharded: map[string]money.Quantity{},
	}
	for _, item := range f.items(t) {
		pk := plain(item["pk"])
		if sku, isStock := strings.CutPrefix(pk, stockPrefix); isStock {
			level := l.levels[sku] // a level is the sum of its items
			for i, column := range columns() {
				level[i] += quantity(item[column])
			}
			l.levels[sku] = level
			l.split[sku] = l.split[sku] || item["shards"] != nil
			if strings.HasPrefix(plain(item["sk"]), "SHARD#") {
				l.sharded[sku] += max(quantity(item["on_hand"]), -quantity(item["reserved"]), quantity(item["reserved"]))
			}
			require.GreaterOrEqual(t, quantity(item["on_hand"]), money.Quantity(0), "negative: %s %s", sku, plain(item["sk"]))
			continue
		}
		saga, state := strings.TrimPrefix(pk, "BARRIER#"), plain(item["state"])
		l.states[saga] = strings.TrimSpace(l.states[saga] + " " + state)
		_, returns := item["returns"]
		if lines, ok := item["lines"].(*types.AttributeValueMemberM); ok {
			for sku, q := range lines.Value {
				l.add(state, returns, sku, quantity(q))
			}
		}
	}
	return l
}

// add counts a line of a barrier.
func (l ledger) add(state string, returns bool, sku string, q money.Quantity) {
	if state == "RESERVED" {
		l.reserved[sku] += q
	}
	switch {
	case state == "SOLD":
		l.sold[sku] += q
	case state == "RETURNED", state == "RESERVED" && returns:
		l.sold[sku] -= q
	}
}

// requireBalance checks promise P3 (docs/robustness.md): for each SKU the columns add up to
// what was counted, none is negative, and reserved and sold are what the barriers record. Shards have nothing
// while the SKU is not split: the next split would overwrite it.
func (f fixture) requireBalance(t require.TestingT, counted map[string]money.Quantity) ledger {
	l := f.ledger(t)
	for sku, total := range counted {
		level := l.levels[sku]
		require.Equal(t, total, level[0]+level[1]+level[2], "sum of %s %v", sku, level)
		require.True(t, l.split[sku] || l.sharded[sku] == 0, "%s has %d in shards", sku, l.sharded[sku])
		inBarriers := [2]money.Quantity{l.reserved[sku], l.sold[sku]}
		require.Equal(t, inBarriers, [2]money.Quantity{level[1], level[2]}, "stock and barriers agree on %s", sku)
		require.GreaterOrEqual(t, min(level[0], level[1], level[2]), money.Quantity(0), "negative: %s %v", sku, level)
	}
	return l
}

// restart leaves nothing in the table but the counted stock.
func (f fixture) restart(t require.TestingT, counted map[string]money.Quantity) {
	var writes []types.WriteRequest
	for _, item := range f.items(t) {
		sku, isStock := strings.CutPrefix(plain(item["pk"]), stockPrefix)
		if !isStock || plain(item["sk"]) != "STOCK" || counted[sku] == 0 {
			key := dynamo.Item{"pk": item["pk"], "sk": item["sk"]}
			writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
		}
	}
	for sku, q := range counted {
		if q > 0 {
			item := dynamo.Key(stockPrefix+sku, "STOCK")
			item["on_hand"], item["reserved"], item["sold"] = dynamo.N(int64(q)), dynamo.N(0), dynamo.N(0)
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
	}
	f.batchWrite(t, writes)
}

func (f fixture) batchWrite(t require.TestingT, writes []types.WriteRequest) {
	for batch := range slices.Chunk(writes, 25) {
		_, err := f.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{f.table: batch},
		})
		require.NoError(t, err)
	}
}

// snapshot returns the levels and the barriers as text, without expiry dates. Of a level it does not matter
// which of the SKU's items has it.
func (f fixture) snapshot(t *testing.T) []string {
	t.Helper()
	var lines []string
	for sku, level := range f.ledger(t).levels {
		lines = append(lines, fmt.Sprint(sku, " ", level))
	}
	for _, item := range f.items(t) {
		parts := []string{plain(item["pk"]), plain(item["sk"])}
		for _, a := range []string{"state", "lines", "returns", "refused"} {
			if v, ok := item[a]; ok {
				parts = append(parts, a+"="+plain(v))
			}
		}
		if item["state"] != nil {
			lines = append(lines, strings.Join(parts, " "))
		}
	}
	slices.Sort(lines)
	return lines
}

func plain(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberM:
		var parts []string
		for k, inner := range v.Value {
			parts = append(parts, k+":"+plain(inner))
		}
		slices.Sort(parts)
		return strings.Join(parts, ",")
	default:
		return fmt.Sprintf("%T", v)
	}
}

func quantity(v types.AttributeValue) money.Quantity {
	n, _ := strconv.ParseInt(plain(v), 10, 64)
	return money.Quantity(n)
}
