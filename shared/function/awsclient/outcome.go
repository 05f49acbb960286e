package awsclient

import (
	"errors"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// requestUnits asks DynamoDB to return the units that a write consumes. That costs a few
// bytes and no unit. The units of reads are not recorded.
func requestUnits(in any) {
	switch in := in.(type) {
	case *dynamodb.PutItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.UpdateItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.DeleteItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.TransactWriteItemsInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
}

// units returns the write units of a response, including those of the indexes.
func units(out any) int64 {
	var consumed []types.ConsumedCapacity
	add := func(c *types.ConsumedCapacity) {
		if c != nil {
			consumed = append(consumed, *c)
		}
	}
	switch out := out.(type) {
	case *dynamodb.PutItemOutput:
		add(out.ConsumedCapacity)
	case *dynamodb.UpdateItemOutput:
		add(out.ConsumedCapacity)
	case *dynamodb.DeleteItemOutput:
		add(out.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsOutput:
		consumed = out.ConsumedCapacity
	}
	total := 0.0
	for _, c := range consumed {
		total += aws.ToFloat64(c.CapacityUnits)
	}
	return int64(math.Round(total)) // a write consumes whole units
}

// Outcomes of a call to DynamoDB, as the label `outcome` names them.
const (
	outcomeOK        = "ok"
	outcomeRefused   = "refused"   // by a condition
	outcomeConflict  = "conflict"  // with a concurrent write
	outcomeThrottled = "throttled" // above the table's capacity
	outcomeError     = "error"     // any other failure
)

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case dynamo.ConditionFailed(err):
		return outcomeRefused
	}
	codes := codesOf(err)
	switch {
	case containsAny(codes, dynamo.ReasonConditionFailed):
		return outcomeRefused
	case containsAny(codes, "Throttl", "ProvisionedThroughput", "RequestLimit"):
		return outcomeThrottled
	case containsAny(codes, dynamo.ReasonConflict, "TransactionInProgress"):
		return outcomeConflict
	default:
		return outcomeError
	}
}

// codesOf returns the reasons of a cancelled transaction, or the single code of any other
// error.
func codesOf(err error) []string {
	var codes []string
	for _, r := range dynamo.CancellationReasons(err) {
		codes = append(codes, aws.ToString(r.Code))
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && codes == nil {
		codes = append(codes, api.ErrorCode())
	}
	return codes
}

// containsAny reports whether any of the codes contains any of the parts.
func containsAny(codes []string, parts ...string) bool {
	for _, c := range codes {
		for _, p := range parts {
			if strings.Contains(c, p) {
				return true
			}
		}
	}
	return false
}
