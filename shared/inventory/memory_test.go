package inventory_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/resilience"
)

// memory is a table in memory under DynamoDB's conflict rule. Under synctest its transactions hold their
// items for exactly as long as a test says, however busy the machine is. It knows no more of the expressions
// than the package writes; that DynamoDB takes them the same way is shown by the tests on DynamoDB Local.
type memory struct {
	inventory.API

	held      time.Duration // by a transaction
	reads     time.Duration // how long a read takes
	rule      conflict.Rule
	mu        sync.Mutex
	items     map[conflict.Key]dynamo.Item
	conflicts int
}

func (m *memory) Query(
	ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	if err := resilience.Sleep(ctx, m.reads); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	out := &dynamodb.QueryOutput{}
	for _, key := range slices.SortedFunc(maps.Keys(m.items), func(a, b conflict.Key) int {
		return strings.Compare(a.SK, b.SK)
	}) {
		if key.PK == dynamo.Text(in.ExpressionAttributeValues[":0"]) {
			out.Items = append(out.Items, m.items[key])
		}
	}
	return out, nil
}

func (m *memory) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	if err := resilience.Sleep(ctx, m.reads); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]dynamo.Item{}}
	for table, keys := range in.RequestItems {
		for _, key := range keys.Keys {
			if item := m.items[keyOf(key)]; item != nil {
				out.Responses[table] = append(out.Responses[table], item)
			}
		}
	}
	return out, nil
}

func (m *memory) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	writes := make([]write, len(in.TransactItems))
	keys := make([]conflict.Key, len(writes))
	for i, item := range in.TransactItems {
		writes[i] = writeOf(item)
		keys[i] = writes[i].key
	}
	release, conflicts := m.rule.Hold(keys)
	if release == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.conflicts++
		return nil, cancelled(conflicts, "TransactionConflict", func(int) dynamo.Item { return nil })
	}
	defer release()
	_ = resilience.Sleep(ctx, m.held/2)
	err := m.apply(writes)
	_ = resilience.Sleep(ctx, m.held/2)
	return &dynamodb.TransactWriteItemsOutput{}, err
}

// apply writes all or nothing.
func (m *memory) apply(writes []write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	refused := make([]bool, len(writes))
	for i, w := range writes {
		refused[i] = !w.allowed(m.items[w.key])
	}
	if slices.Contains(refused, true) {
		return cancelled(refused, "ConditionalCheckFailed", func(i int) dynamo.Item { return m.items[writes[i].key] })
	}
	for _, w := range writes {
		m.items[w.key] = w.changed(m.items[w.key])
	}
	return nil
}

func cancelled(at []bool, code string, item func(i int) dynamo.Item) error {
	reasons := make([]types.CancellationReason, len(at))
	for i := range at {
		reasons[i].Code = aws.String("None")
		if at[i] {
			reasons[i] = types.CancellationReason{Code: &code, Item: item(i)}
		}
	}
	return &types.TransactionCanceledException{CancellationReasons: reasons}
}

// write is one item of a transaction.
type write struct {
	key               conflict.Key
	put               dynamo.Item
	condition, update string // with the names in place
	values            dynamo.Item
}

func (m *memory) add(item dynamo.Item) { m.items[keyOf(item)] = item }

func keyOf(item dynamo.Item) conflict.Key {
	return conflict.Key{PK: dynamo.Text(item["pk"]), SK: dynamo.Text(item["sk"])}
}

func writeOf(i types.TransactWriteItem) write {
	switch {
	case i.Put != nil:
		return write{
			key: keyOf(i.Put.Item), put: i.Put.Item, values: i.Put.ExpressionAttributeValues,
			condition: named(i.Put.ConditionExpression, i.Put.ExpressionAttributeNames),
		}
	case i.Update != nil:
		return write{
			key: keyOf(i.Update.Key), values: i.Update.ExpressionAttributeValues,
			condition: named(i.Update.ConditionExpression, i.Update.ExpressionAttributeNames),
			update:    named(i.Update.UpdateExpression, i.Update.ExpressionAttributeNames),
		}
	default:
		return write{
			key: keyOf(i.ConditionCheck.Key), values: i.ConditionCheck.ExpressionAttributeValues,
			condition: named(i.ConditionCheck.ConditionExpression, i.ConditionCheck.ExpressionAttributeNames),
		}
	}
}

var placeholder = regexp.MustCompile(`#\d+`)

func named(expression *string, names map[string]string) string {
	return placeholder.ReplaceAllStringFunc(aws.ToString(expression), func(n string) string { return names[n] })
}

var (
	atom = regexp.MustCompile(`(attribute_exists|attribute_not_exists) \((\w+)\)|(\w+) (=|>=) (:\d+)`)
	term = regexp.MustCompile(`(\w+) = (?:if_not_exists\((\w+), (:\d+)\)|(\w+)|(:\d+))(?: ([+-]) (:\d+))?`)
	// reduce evaluates true (T) and false (F); the expressions have brackets around every operand.
	reduce = strings.NewReplacer("(T)", "T", "(F)", "F", "NOT T", "F", "NOT F", "T",
		"T AND T", "T", "T AND F", "F", "F AND T", "F", "F AND F", "F",
		"T OR T", "T", "T OR F", "T", "F OR T", "T", "F OR F", "F")
)

// allowed evaluates the condition for the item as it is.
func (w write) allowed(item dynamo.Item) bool {
	left := atom.ReplaceAllStringFunc(w.condition, func(s string) string {
		m := atom.FindStringSubmatch(s)
		name := m[2] + m[3]
		have, exists := item[name]
		is := exists
		switch {
		case m[1] == "attribute_not_exists":
			is = !exists
		case m[4] == "=":
			is = exists && plain(have) == plain(w.values[m[5]])
		case m[4] == ">=":
			is = exists && quantity(have) >= quantity(w.values[m[5]])
		}
		return map[bool]string{true: "T", false: "F"}[is]
	})
	for len(left) > 1 {
		left = reduce.Replace(left)
	}
	return left != "F"
}

// changed returns the item after the write.
func (w write) changed(item dynamo.Item) dynamo.Item {
	if w.put != nil {
		return w.put
	}
	after := maps.Clone(item)
	if after == nil {
		after = dynamo.Key(w.key.PK, w.key.SK)
	}
	for _, m := range term.FindAllStringSubmatch(w.update, -1) {
		value, exists := item[m[2]+m[4]]
		if !exists {
			value = w.values[m[3]+m[5]]
		}
		if delta := int64(quantity(w.values[m[7]])); m[6] == "+" {
			value = dynamo.N(int64(quantity(value)) + delta)
		} else if m[6] == "-" {
			value = dynamo.N(int64(quantity(value)) - delta)
		}
		after[m[1]] = value
	}
	if name, found := strings.CutPrefix(strings.SplitN(w.update, "\n", 2)[0], "REMOVE "); found {
		delete(after, name)
	}
	return after
}
