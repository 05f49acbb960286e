package function_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/problem"
)

// input is what the state machine passes on: its whole state.
const input = `{"saga_id":"s","merchant_id":"m","redrive":1,
	"pending":{"delete_invoice":true,"release_inventory":true},"results":{"delete_invoice":{"outcome":"deleted"}}}`

// compensate invokes a compensation that ends with an outcome or an error.
func compensate(t *testing.T, outcome string, err error) (answer string, in saga.Input, invokeErr error) {
	t.Helper()
	t.Setenv("AWS_REGION", "ap-south-1")
	rt, ok := function.Boot(t.Context(), env.New(func(string) string { return "" }), &bytes.Buffer{}, realTime())
	require.True(t, ok)
	h := rt.Handler(function.Compensation(rt.Log, step.Release, func(_ context.Context, got saga.Input) (string, error) {
		in = got
		return outcome, err
	}))
	out, invokeErr := h.Invoke(t.Context(), []byte(input))
	return string(out), in, invokeErr
}

func TestCompensationReturnsItsOutcome(t *testing.T) {
	answer, in, err := compensate(t, "released", nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"outcome":"released"}`, answer)
	require.Equal(t, "s", in.SagaID)
	require.Equal(t, "m", in.MerchantID)
	require.Equal(t, 1, in.Redrive)
}

// Step Functions matches on the type of the outermost error.
func TestErrorsHaveTheStateMachinesNames(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"sold":           {&problem.Error{Kind: problem.Conflict, Code: "already_sold"}, function.ErrConflict},
		"wrapped":        {fmt.Errorf("release: %w", &problem.Error{Kind: problem.Conflict}), function.ErrConflict},
		"contradiction":  {&problem.Error{Kind: problem.Internal, Code: "stock_damaged"}, function.ErrInternal},
		"busy":           {&problem.Error{Kind: problem.Unavailable, Code: "stock_busy"}, function.ErrUnavailable},
		"no saga":        {&problem.Error{Kind: problem.Invalid, Code: "invalid_release"}, function.ErrInvalid},
		"database fault": {errors.New("connection reset"), function.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			answer, _, err := compensate(t, "", tc.err)
			require.Empty(t, answer)
			require.IsType(t, messages.InvokeResponse_Error{}, err)
			named := err.(messages.InvokeResponse_Error) //nolint:errorlint // the outermost type is the point
			require.Equal(t, tc.want, named.Type)
		})
	}
}
