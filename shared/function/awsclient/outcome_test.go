package awsclient

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

func cancelled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, c := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(c)})
	}
	return e
}

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"success":                   {nil, "ok"},
		"condition":                 {&types.ConditionalCheckFailedException{}, "refused"},
		"condition in transaction":  {cancelled("None", "ConditionalCheckFailed", "TransactionConflict"), "refused"},
		"conflict in transaction":   {cancelled("None", "TransactionConflict"), "conflict"},
		"conflict of a single item": {&types.TransactionConflictException{}, "conflict"},
		"throttle":                  {&types.ProvisionedThroughputExceededException{}, "throttled"},
		"throttle in transaction":   {cancelled("ThrottlingError", "None"), "throttled"},
		"too many requests":         {&types.RequestLimitExceeded{}, "throttled"},
		"server error":              {&types.InternalServerError{}, "error"},
		"connection error":          {errors.New("reset by peer"), "error"},
		"other cancellation":        {cancelled("ItemCollectionSizeLimitExceeded"), "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, outcomeOf(tc.err))
		})
	}
}
