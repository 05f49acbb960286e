package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// TestTokenIsSharedAndRenewed: by concurrent callers, and a minute before it ends.
func TestTokenIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{slow: time.Second}
		c := f.client()
		require.NotContains(t, createAtOnce(t, c, 50), 401)
		require.Equal(t, 1, f.asked)
		require.Contains(t, f.calls, "Bearer T1 k7 {}")
		sleep(14*time.Minute - 2*time.Second) // one has passed
		createAtOnce(t, c, 50)
		require.Equal(t, 1, f.asked)
		sleep(time.Second) // it ends in less than a minute
		token, err := c.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "T2", token)
		createAtOnce(t, c, 50)
		require.Equal(t, 2, f.asked)
	})
}

// TestRefusedTokenIsReplaced once: concurrent callers share the new one, and each sends the same
// request again.
func TestRefusedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{slow: time.Second}
		c := f.client()
		createAtOnce(t, c, 1)
		f.refused, f.calls = map[string]bool{"Bearer T1": true}, nil
		require.NotContains(t, createAtOnce(t, c, 50), 401)
		require.Equal(t, 2, f.asked)
		require.Len(t, f.calls, 100)
		require.Contains(t, f.calls, "Bearer T1 k7 {}")
		require.Contains(t, f.calls, "Bearer T2 k7 {}")

		f.refused["Bearer T2"], f.calls = true, nil
		r, err := c.Call(t.Context(), http.MethodHead, "/invoices/i", nil)
		require.NoError(t, err)
		require.Equal(t, 201, r.Status, "an answer to HEAD has no body")

		f.refused["Bearer T3"], f.refused["Bearer T4"], f.calls = true, true, nil
		require.Equal(t, []int{401}, createAtOnce(t, c, 1), "the new token is refused too")
		require.Len(t, f.calls, 2)
	})
}

// TestNewTokenIsNotReplaced: another would be refused as well.
func TestNewTokenIsNotReplaced(t *testing.T) {
	t.Parallel()
	f := &fixture{refused: map[string]bool{"Bearer T1": true}}
	require.Equal(t, []int{401}, createAtOnce(t, f.client(), 1))
	require.Equal(t, 1, f.asked)
	require.Len(t, f.calls, 1)
}

// TestOtherRefusalsKeepTheToken: a 401 or 403 for another reason is the caller's to read.
func TestOtherRefusalsKeepTheToken(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403} {
		f := &fixture{answer: func(int) answer { return answer{status: status, body: `{"code":"insufficient_scope"}`} }}
		c := f.client()
		for range 2 {
			require.Equal(t, []int{status}, createAtOnce(t, c, 1))
		}
		require.Equal(t, 1, f.asked)
		require.Len(t, f.calls, 2)
	}
}

func TestRefusalsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer answer
		want   client.TokenError
		retry  bool
		held   time.Duration // without another request
	}{
		"wrong secret": {
			answer{401, `{"error":"invalid_client","error_description":"roll it"}`, ""},
			client.TokenError{Status: 401, Code: "invalid_client", Description: "roll it"},
			false, 0,
		},
		"unavailable": {
			answer{503, `{"error":"temporarily_unavailable"}`, "5"},
			client.TokenError{Status: 503, Code: "temporarily_unavailable"},
			true, 5 * time.Second,
		},
		"too fast": {answer{429, `{"code":"throttled"}`, "60"}, client.TokenError{Status: 429}, true, time.Minute},
		"gateway":  {answer{502, "bad gateway", ""}, client.TokenError{Status: 502}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fixture{grant: func() answer { return tc.answer }}
				c := f.client()
				r, err := c.Create(t.Context(), "k", nil)
				refusal, ok := errors.AsType[*client.TokenError](err)
				require.True(t, ok, "%v", err)
				require.Equal(t, tc.want, *refusal)
				require.Equal(t, tc.retry, r.ShouldRetry())
				require.Empty(t, f.calls, "nothing was sent")
				if tc.held > 0 {
					sleep(tc.held - time.Nanosecond)
					_, err = c.Token(t.Context())
					require.ErrorAs(t, err, &refusal)
					require.Equal(t, 1, f.asked, "Retry-After")
					sleep(time.Nanosecond)
				}
				f.grant = nil
				require.Equal(t, []int{201}, createAtOnce(t, c, 1))
				require.Equal(t, 2, f.asked)
			})
		})
	}
}

// TestNoTokenInTheAnswer may be retried: it is no answer of our endpoint.
func TestNoTokenInTheAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{"expires_in":900}`} {
		f := &fixture{grant: func() answer { return answer{status: 200, body: body} }}
		r, err := f.client().Create(t.Context(), "k", nil)
		require.ErrorContains(t, err, "the answer has none")
		require.True(t, r.ShouldRetry())
	}
}

// TestCallerThatGivesUp leaves the request for a token to those who wait with it.
func TestCallerThatGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{slow: time.Second}
		c := f.client()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := c.Create(ctx, "k", nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, []int{201}, createAtOnce(t, c, 1))
		require.Equal(t, 1, f.asked)
	})
}

func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	f := &fixture{}
	c := &client.Client{URL: "https://api.test", HTTP: f.client().HTTP}
	require.Equal(t, []int{201}, createAtOnce(t, c, 1))
	require.Equal(t, []string{" k0 {}"}, f.calls)
	require.Zero(t, f.asked)
	_, err := c.Token(t.Context())
	require.ErrorContains(t, err, "no credentials")
}
