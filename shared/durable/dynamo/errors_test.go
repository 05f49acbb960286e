package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

func cancelled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, code := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "TransactWriteItems", Err: e}
}

func TestClassification(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err                                             error
		conditionFailed, contended, conflicted, unknown bool
	}{
		"no error":  {},
		"condition": {err: &types.ConditionalCheckFailedException{}, conditionFailed: true},
		"conflict":  {err: cancelled("None", "TransactionConflict"), contended: true, conflicted: true},
		"conflict of a single write": {
			err: &types.TransactionConflictException{}, contended: true, conflicted: true,
		},
		"condition in a transaction": {err: cancelled("None", "ConditionalCheckFailed")},
		"condition and conflict":     {err: cancelled("TransactionConflict", "ConditionalCheckFailed")},
		"throttled":                  {err: &types.ProvisionedThroughputExceededException{}, contended: true},
		"throttled transaction":      {err: cancelled("ThrottlingError", "None"), contended: true},
		"server fault":               {err: &types.InternalServerError{}, unknown: true},
		"timeout":                    {err: context.DeadlineExceeded, unknown: true},
		"connection lost":            {err: errors.New("read: connection reset by peer"), unknown: true},
		"bad request": {err: &smithy.GenericAPIError{
			Code: "ValidationException", Fault: smithy.FaultClient,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.conditionFailed, dynamo.ConditionFailed(tc.err), "ConditionFailed")
			require.Equal(t, tc.contended, dynamo.Contended(tc.err), "Contended")
			require.Equal(t, tc.conflicted, dynamo.Conflicted(tc.err), "Conflicted")
			require.Equal(t, tc.unknown, dynamo.OutcomeUnknown(tc.err), "OutcomeUnknown")
		})
	}
}

func TestConditionFailedAt(t *testing.T) {
	t.Parallel()
	_, failed := dynamo.ConditionFailedAt(cancelled("None", "ConditionalCheckFailed"), 0)
	require.False(t, failed)
	_, failed = dynamo.ConditionFailedAt(cancelled("None", "ConditionalCheckFailed"), 1)
	require.True(t, failed)
	_, failed = dynamo.ConditionFailedAt(errors.New("other"), 0)
	require.False(t, failed)
}

func ExampleOutcomeUnknown() {
	fmt.Println(dynamo.OutcomeUnknown(context.DeadlineExceeded))
	fmt.Println(dynamo.OutcomeUnknown(&types.ConditionalCheckFailedException{}))
	// Output:
	// true
	// false
}
