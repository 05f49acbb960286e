package money_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

func TestField(t *testing.T) {
	for value, want := range map[string]struct {
		n             money.Quantity
		code, message string
	}{
		`null`:                  {0, "", ""},
		`2.5`:                   {2500, "", ""},
		`"0.001"`:               {1, "", ""},
		`10`:                    {10_000, "", ""},
		`0`:                     {0, "out_of_range", "must be from 0.001 to 10"},
		`-1`:                    {0, "out_of_range", "must be from 0.001 to 10"},
		`10.001`:                {0, "out_of_range", "must be from 0.001 to 10"},
		`99999999999999999999`:  {0, "out_of_range", "must be from 0.001 to 10"},
		`-99999999999999999999`: {0, "out_of_range", "must be from 0.001 to 10"},
		`0.0001`:                {0, "too_many_decimals", "must have at most 3 decimals"},
		`1e0`:                   {1000, "", ""},
		`1.0E1`:                 {10_000, "", ""},
		`1e400`:                 {0, "not_a_number", "must be a plain decimal number, such as 1500.50"},
		`"1e0"`:                 {0, "not_a_number", "must be a plain decimal number, such as 1500.50"},
		`-0`:                    {0, "out_of_range", "must be from 0.001 to 10"},
		`true`:                  {0, "wrong_type", "must be a number, or a string that contains one"},
	} {
		t.Run(value, func(t *testing.T) {
			r, err := strictjson.Read([]byte(`{"f":` + value + `}`))
			require.NoError(t, err)
			require.Equal(t, want.n, money.Field(r, "f", money.ParseQuantity, 1, 10_000))
			if want.code == "" {
				require.NoError(t, r.Err())
				return
			}
			e, ok := errors.AsType[*problem.Error](r.Err())
			require.True(t, ok)
			require.Equal(t, []problem.FieldError{{Field: "f", Code: want.code, Message: want.message}}, e.Fields)
		})
	}
}
