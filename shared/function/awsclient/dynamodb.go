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

// askForUnits has a write's answer tell what it consumed: a few bytes more, and no
// unit. Reads are not asked; nobody counts theirs.
func askForUnits(in any) {
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

// units that a write reports, its indexes included.
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
	return int64(math.Round(total)) // a write's are whole
}

// broken is the outcome of a call that failed for no reason of its own.
const broken = "error"

// outcome of a DynamoDB call: a condition that refused it, another write that it met,
// and a throttle are told from what is broken.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case dynamo.ConditionFailed(err):
		return "refused"
	}
	codes := codesOf(err)
	switch {
	case contains(codes, dynamo.ReasonConditionFailed):
		return "refused"
	case contains(codes, "Throttl", "ProvisionedThroughput", "RequestLimit"):
		return "throttled"
	case contains(codes, dynamo.ReasonConflict, "TransactionInProgress"):
		return "conflict"
	default:
		return broken
	}
}

// codesOf are the reasons of a cancelled transaction, or the one code of any other error.
func codesOf(err error) []string {
	var codes []string
	for _, r := range dynamo.CancellationReasons(err) {
		codes = append(codes, aws.ToString(r.Code))
	}
	var api smithy.APIError
	if codes == nil && errors.As(err, &api) {
		codes = append(codes, api.ErrorCode())
	}
	return codes
}

func contains(codes []string, parts ...string) bool {
	for _, c := range codes {
		for _, p := range parts {
			if strings.Contains(c, p) {
				return true
			}
		}
	}
	return false
}
