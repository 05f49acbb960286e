package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

type fakeStore struct {
	outcome string
	err     error
	asked   []string
}

func (f *fakeStore) Release(_ context.Context, sagaID, merchantID string) (string, error) {
	f.asked = []string{sagaID, merchantID}
	return f.outcome, f.err
}

// input is what the state machine hands over: its whole state.
const input = `{"saga_id":"s","merchant_id":"m","redrive":1,"pending":{"delete_invoice":true,"release_inventory":true},"results":{"delete_invoice":{"outcome":"deleted"}}}`

func invoke(t *testing.T, store *fakeStore) (string, error) {
	t.Helper()
	h := handler{store: store, log: slog.New(slog.DiscardHandler)}
	out, err := lambda.NewHandler(h.handle).Invoke(t.Context(), []byte(input))
	return string(out), err
}

func TestOutcomes(t *testing.T) {
	for _, outcome := range []string{inventory.Released, inventory.NothingToRelease} {
		t.Run(outcome, func(t *testing.T) {
			store := &fakeStore{outcome: outcome}
			out, err := invoke(t, store)
			require.NoError(t, err)
			require.JSONEq(t, `{"outcome":"`+outcome+`"}`, out)
			require.Equal(t, []string{"s", "m"}, store.asked)
		})
	}
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
			out, err := invoke(t, &fakeStore{err: tc.err})
			require.Empty(t, out)
			require.IsType(t, messages.InvokeResponse_Error{}, err)
			require.Equal(t, tc.want, err.(messages.InvokeResponse_Error).Type) //nolint:errorlint // the outermost type is the point
		})
	}
}
