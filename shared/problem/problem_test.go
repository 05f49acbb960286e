package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/problem"
)

func TestInvalidRequestChoosesTheStatus(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		codes  []string
		status int
	}{
		"an impossible value": {[]string{"out_of_range"}, http.StatusUnprocessableEntity},
		"an unknown field":    {[]string{"unknown_field"}, http.StatusBadRequest},
		"a wrong type":        {[]string{"wrong_type"}, http.StatusBadRequest},
		"a duplicate field":   {[]string{"duplicate_field"}, http.StatusBadRequest},
		"both":                {[]string{"required", "wrong_type"}, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fields []problem.FieldError
			for _, code := range tc.codes {
				fields = append(fields, problem.FieldError{Field: "f", Code: code})
			}
			e, ok := errors.AsType[*problem.Error](problem.InvalidRequest(fields))
			require.True(t, ok)
			require.Equal(t, tc.status, e.Status)
			require.Equal(t, "invalid_request", e.Code)
			require.Equal(t, problem.Invalid, e.Kind)
			require.Equal(t, fields, e.Fields)
		})
	}
}

func TestInvalidRequestBoundsTheFields(t *testing.T) {
	t.Parallel()
	require.NoError(t, problem.InvalidRequest(nil))
	e, ok := errors.AsType[*problem.Error](problem.InvalidRequest(make([]problem.FieldError, 101)))
	require.True(t, ok)
	require.Len(t, e.Fields, 100)
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err         error
		kind        problem.Kind
		callerFault bool
	}{
		"invalid":       {&problem.Error{Kind: problem.Invalid}, problem.Invalid, true},
		"not found":     {&problem.Error{Kind: problem.NotFound}, problem.NotFound, true},
		"conflict":      {&problem.Error{Kind: problem.Conflict}, problem.Conflict, true},
		"unavailable":   {&problem.Error{Kind: problem.Unavailable}, problem.Unavailable, false},
		"internal":      {&problem.Error{}, problem.Internal, false},
		"wrapped":       {fmt.Errorf("reserve: %w", &problem.Error{Kind: problem.Conflict}), problem.Conflict, true},
		"another error": {errors.New("reset"), problem.Internal, false},
		"no error":      {nil, problem.Internal, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.kind, problem.KindOf(tc.err))
			require.Equal(t, tc.callerFault, problem.IsCallerFault(tc.err))
		})
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection reset")
	err := &problem.Error{Code: "stock_busy", Message: "try again", Cause: cause}
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "stock_busy: try again: connection reset")
	require.NotErrorIs(t, err, &problem.Error{Code: "out_of_stock"})
}

func ExampleError() {
	err := fmt.Errorf("reserve stock: %w", &problem.Error{
		Kind: problem.Conflict, Code: "out_of_stock", Message: "SKU TEA-1: 2 requested, 1 on hand",
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, &problem.Error{Code: "out_of_stock"}), problem.IsCallerFault(err))
	// Output:
	// reserve stock: out_of_stock: SKU TEA-1: 2 requested, 1 on hand
	// true true
}
