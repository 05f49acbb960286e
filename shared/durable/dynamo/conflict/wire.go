package conflict

import (
	"encoding/json"
	"strings"
)

const apiVersion = "com.amazonaws.dynamodb.v20120810#"

// target is the item of a write, as the JSON protocol names it.
type target struct {
	TableName string
	Key, Item struct {
		PK struct{ S string } `json:"pk"`
		SK struct{ S string } `json:"sk"`
	}
}

func (t target) key() Key {
	if t.Item.PK.S != "" {
		return Key{t.TableName, t.Item.PK.S, t.Item.SK.S}
	}
	return Key{t.TableName, t.Key.PK.S, t.Key.SK.S}
}

// keysOf returns the items of a write, in the order of the request; nil for an operation to
// which the rule does not apply. transaction reports whether it is a TransactWriteItems.
func keysOf(operation string, body []byte) (keys []Key, transaction bool, err error) {
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem":
		var single target
		err = json.Unmarshal(body, &single)
		return []Key{single.key()}, false, err
	case "TransactWriteItems":
		var in struct{ TransactItems []map[string]target }
		err = json.Unmarshal(body, &in)
		for _, item := range in.TransactItems {
			for _, of := range item { // Put, Update, Delete or ConditionCheck
				keys = append(keys, of.key())
			}
		}
		return keys, true, err
	default:
		return nil, false, nil
	}
}

// Exception returns the body of the response to a single write that is refused. Its status is
// 400.
func Exception() []byte {
	return encode(map[string]string{
		"__type": apiVersion + "TransactionConflictException", "message": "Transaction is ongoing for the item",
	})
}

// reason is an entry of CancellationReasons.
type reason struct {
	Code    string
	Message string `json:",omitempty"`
}

// Cancellation returns the body of the response to a transaction that is cancelled, by which of
// its items conflict. Its status is 400.
func Cancellation(conflicts []bool) []byte {
	return cancellation(conflicts, reason{"TransactionConflict", "Transaction is ongoing for the item"})
}

// throttling returns the body of the response to a write that is throttled, by which of its items
// are. Its status is 400.
func throttling(over []bool, transaction bool) []byte {
	const message = "Throughput exceeds the current capacity of your table or index."
	if transaction {
		return cancellation(over, reason{"ThrottlingError", message})
	}
	return encode(map[string]string{"__type": apiVersion + "ThrottlingException", "message": message})
}

func cancellation(refused []bool, because reason) []byte {
	reasons, codes := make([]reason, len(refused)), make([]string, len(refused))
	for i, is := range refused {
		reasons[i] = reason{Code: "None"}
		if is {
			reasons[i] = because
		}
		codes[i] = reasons[i].Code
	}
	return encode(map[string]any{
		"__type": apiVersion + "TransactionCanceledException", "CancellationReasons": reasons,
		"Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
			strings.Join(codes, ", ") + "]",
	})
}

// encode returns v as JSON. Its maps and slices of strings always encode.
func encode(v any) []byte {
	body, _ := json.Marshal(v)
	return body
}
