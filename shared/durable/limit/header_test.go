package limit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/problem"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]limit.Decision{
		`"merchant";r=99;t=2`: {Allowed: true, Remaining: 99},
		`"merchant";r=50;t=1`: {Allowed: true, Remaining: 50},
		`"merchant";r=0;t=1`:  {Allowed: true},
		`"merchant";r=0;t=3`:  {RetryAfter: 2001 * time.Millisecond},
	} {
		d.Policy = limit.PerMerchant()
		require.Equal(t, map[string]string{"RateLimit-Policy": `"merchant";q=50;w=1`, "RateLimit": want}, d.Header())
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	require.NoError(t, limit.Decision{Allowed: true}.Problem())
	d := limit.Decision{Policy: limit.PerClient(), RetryAfter: time.Millisecond}
	known, ok := errors.AsType[*problem.Error](d.Problem())
	require.True(t, ok)
	require.Equal(t, "quota_exceeded", known.Code)
	require.Equal(t, http.StatusTooManyRequests, known.Status)
	require.True(t, known.Retryable)
	require.Equal(t, time.Second, known.RetryAfter, "not before t of the header")
	require.Equal(t, `"client";r=0;t=1`, d.Header()["RateLimit"])
	members, err := json.Marshal(known.Extensions)
	require.NoError(t, err)
	require.JSONEq(t, `{"violated-policies":["client"]}`, string(members))
}

func ExampleDecision_Header() {
	fields := limit.Decision{Allowed: true, Remaining: 99, Policy: limit.PerMerchant()}.Header()
	fmt.Println("RateLimit-Policy:", fields["RateLimit-Policy"])
	fmt.Println("RateLimit:", fields["RateLimit"])
	// Output:
	// RateLimit-Policy: "merchant";q=50;w=1
	// RateLimit: "merchant";r=99;t=2
}
