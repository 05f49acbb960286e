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
	for _, c := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(c)})
	}
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "TransactWriteItems", Err: e}
}

func TestClassification(t *testing.T) {
	for name, tc := range map[string]struct {
		err                        error
		refused, conflict, unknown bool
	}{
		"no error":                 {},
		"condition":                {err: &types.ConditionalCheckFailedException{}, refused: true},
		"conflict":                 {err: cancelled("None", "TransactionConflict"), conflict: true},
		"refused in a transaction": {err: cancelled("None", "ConditionalCheckFailed")},
		"refused and in conflict":  {err: cancelled("TransactionConflict", "ConditionalCheckFailed")},
		"throttled":                {err: &types.ProvisionedThroughputExceededException{}, conflict: true},
		"throttled transaction":    {err: cancelled("ThrottlingError", "None"), conflict: true},
		"server fault":             {err: &types.InternalServerError{}, unknown: true},
		"timeout":                  {err: context.DeadlineExceeded, unknown: true},
		"connection lost":          {err: errors.New("read: connection reset by peer"), unknown: true},
		"bad request": {err: &smithy.GenericAPIError{
			Code: "ValidationException", Fault: smithy.FaultClient,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.refused, dynamo.ConditionFailed(tc.err), "refused")
			require.Equal(t, tc.conflict, dynamo.Contended(tc.err), "conflicted")
			require.Equal(t, tc.unknown, dynamo.OutcomeUnknown(tc.err), "unknown")
		})
	}
}

func TestRefusedGivesTheItemThatRefused(t *testing.T) {
	_, refused := dynamo.ConditionFailedAt(cancelled("None", "ConditionalCheckFailed"), 0)
	require.False(t, refused)
	_, refused = dynamo.ConditionFailedAt(cancelled("None", "ConditionalCheckFailed"), 1)
	require.True(t, refused)
	_, refused = dynamo.ConditionFailedAt(errors.New("other"), 0)
	require.False(t, refused)
}

func ExampleOutcomeUnknown() {
	fmt.Println(dynamo.OutcomeUnknown(context.DeadlineExceeded), dynamo.OutcomeUnknown(&types.ConditionalCheckFailedException{}))
	// Output: true false
}
