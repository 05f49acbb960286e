package dynamo

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Values of CancellationReason.Code.
const (
	ReasonConditionFailed = "ConditionalCheckFailed"
	ReasonConflict        = "TransactionConflict"
	reasonNone            = "None"
)

// transient lists the error codes after which nothing was written and the same write may
// succeed after a backoff.
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

// ConditionFailed reports whether the condition of a single write failed.
func ConditionFailed(err error) bool {
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// ConflictingItem returns the item that failed the condition of a single write, if the write
// set ReturnValuesOnConditionCheckFailure to ALL_OLD; nil if there is none.
func ConflictingItem(err error) Item {
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return failed.Item
	}
	return nil
}

// CancellationReasons returns the reasons of a cancelled transaction, one per item in the
// order sent; nil for any other error.
func CancellationReasons(err error) []types.CancellationReason {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return cancelled.CancellationReasons
	}
	return nil
}

// ConditionFailedAt reports whether item i of a cancelled transaction failed its condition,
// and returns the item that refused it if the transaction asked for ALL_OLD.
func ConditionFailedAt(err error, i int) (Item, bool) {
	reasons := CancellationReasons(err)
	if i >= len(reasons) || reasons[i].Code == nil || *reasons[i].Code != ReasonConditionFailed {
		return nil, false
	}
	return reasons[i].Item, true
}

// ConflictAt reports whether item i of a cancelled transaction met another transaction.
func ConflictAt(err error, i int) bool {
	reasons := CancellationReasons(err)
	return i < len(reasons) && reasons[i].Code != nil && *reasons[i].Code == ReasonConflict
}

// Contended reports whether the write met another write in flight, or a throttle. Nothing was
// written, and no condition failed.
func Contended(err error) bool {
	if reasons := CancellationReasons(err); reasons != nil {
		return contendedOnly(reasons)
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(transient, api.ErrorCode())
}

// Conflicted reports whether the write met a transaction on the same item, and no other reason
// refused it. Nothing was written, and no condition failed. The SDK does not retry such a
// write; Put, Update and Transact do, so their callers see it only when it lasts.
func Conflicted(err error) bool {
	if reasons := CancellationReasons(err); reasons != nil {
		return contendedOnly(reasons) && slices.ContainsFunc(reasons, func(r types.CancellationReason) bool {
			return r.Code != nil && *r.Code == ReasonConflict
		})
	}
	_, ok := errors.AsType[*types.TransactionConflictException](err)
	return ok
}

func contendedOnly(reasons []types.CancellationReason) bool {
	contended := false
	for _, r := range reasons {
		switch {
		case r.Code == nil || *r.Code == reasonNone:
		case slices.Contains(transient, *r.Code):
			contended = true
		default:
			return false
		}
	}
	return contended
}

// OutcomeUnknown reports whether the write may have landed although err was returned: after a
// timeout, a broken connection or a server-side fault. The caller reads its own token back
// before it does anything else.
func OutcomeUnknown(err error) bool {
	if err == nil || ConditionFailed(err) || CancellationReasons(err) != nil || Contended(err) {
		return false
	}
	if _, ok := errors.AsType[*types.IdempotentParameterMismatchException](err); ok {
		return true // an earlier attempt of this call arrived
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorFault() != smithy.FaultClient
	}
	return true
}
