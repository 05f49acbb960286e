// Package dynamo reads what DynamoDB says of a write: refused by its condition,
// in conflict with another transaction, or unknown because the answer was lost.
// The three are told apart here, once, since each calls for something else:
// look at the item that refused, try again, or re-read before anything else.
package dynamo

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Codes of CancellationReason.Code that this project acts on.
const (
	ReasonNone            = "None"
	ReasonConditionFailed = "ConditionalCheckFailed"
	ReasonConflict        = "TransactionConflict"
)

// transient lists the error codes after which nothing was written and the same
// write may go through in a moment.
var transient = []string{
	ReasonConflict,
	"TransactionConflictException",
	"TransactionInProgressException",
	"ProvisionedThroughputExceeded",
	"ProvisionedThroughputExceededException",
	"ThrottlingError",
	"ThrottlingException",
	"RequestLimitExceeded",
}

// ConditionFailed tells whether a single write was refused by its condition.
func ConditionFailed(err error) bool {
	var refused *types.ConditionalCheckFailedException
	return errors.As(err, &refused)
}

// ConflictingItem is the item that refused a single write sent with
// ReturnValuesOnConditionCheckFailure ALL_OLD; nil if there is none.
func ConflictingItem(err error) Item {
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return refused.Item
	}
	return nil
}

// CancellationReasons of a cancelled transaction, one per item in the order
// sent; nil if err is something else.
func CancellationReasons(err error) []types.CancellationReason {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return cancelled.CancellationReasons
	}
	return nil
}

// ConditionFailedAt tells whether item i of a cancelled transaction failed its condition,
// and gives the item that refused it where ALL_OLD was asked for.
func ConditionFailedAt(err error, i int) (Item, bool) {
	reasons := CancellationReasons(err)
	if i >= len(reasons) || reasons[i].Code == nil || *reasons[i].Code != ReasonConditionFailed {
		return nil, false
	}
	return reasons[i].Item, true
}

// Contended tells whether the write met another one in flight, or a throttle:
// nothing was written, and no condition was found false.
func Contended(err error) bool {
	if reasons := CancellationReasons(err); reasons != nil {
		return conflictedOnly(reasons)
	}
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(transient, api.ErrorCode())
}

func conflictedOnly(reasons []types.CancellationReason) bool {
	conflicted := false
	for _, r := range reasons {
		switch {
		case r.Code == nil || *r.Code == ReasonNone:
		case slices.Contains(transient, *r.Code):
			conflicted = true
		default:
			return false
		}
	}
	return conflicted
}

// OutcomeUnknown tells whether the write may have landed although err was returned:
// a timeout, a connection that broke, a server-side fault. Whoever gets true
// re-reads by its own token before doing anything else.
func OutcomeUnknown(err error) bool {
	if err == nil || ConditionFailed(err) || CancellationReasons(err) != nil || Contended(err) {
		return false
	}
	if _, ok := errors.AsType[*types.IdempotentParameterMismatchException](err); ok {
		return true // an earlier attempt of this very call was seen
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorFault() != smithy.FaultClient
	}
	return true
}
