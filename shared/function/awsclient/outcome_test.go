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

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"well":                     {nil, "ok"},
		"a condition":              {&types.ConditionalCheckFailedException{}, "refused"},
		"one in a transaction":     {cancelled("None", "ConditionalCheckFailed", "TransactionConflict"), "refused"},
		"another write":            {cancelled("None", "TransactionConflict"), "conflict"},
		"another write, met alone": {&types.TransactionConflictException{}, "conflict"},
		"a throttle":               {&types.ProvisionedThroughputExceededException{}, "throttled"},
		"one in a transaction too": {cancelled("ThrottlingError", "None"), "throttled"},
		"too many requests":        {&types.RequestLimitExceeded{}, "throttled"},
		"a fault":                  {&types.InternalServerError{}, "error"},
		"a connection":             {errors.New("reset by peer"), "error"},
		"another cancellation":     {cancelled("ItemCollectionSizeLimitExceeded"), "error"},
	} {
		require.Equal(t, tc.want, outcome(tc.err), name)
	}
}
